import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../../bin/gatescope', import.meta.url));

it('gatescope gives a slow reader all that it has to say', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kong.yml');
  // Each path is wrong, and what is told of five hundred of them is more than a pipe holds.
  const routes = Array.from({ length: 500 }, (_, index) => `- { name: route-${index}, paths: [wrong] }\n`);
  writeFileSync(path, `_format_version: "3.0"\nroutes:\n${routes.join('')}`);
  const child = spawn(process.execPath, [program, 'config', 'check', path, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'readable');
  for (let turn = 0; turn < 500 && child.exitCode === null; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  expect((JSON.parse(text) as { errors: unknown[] }).errors.length).toBe(500);
  expect((await ended)[0]).toBe(1);
});
