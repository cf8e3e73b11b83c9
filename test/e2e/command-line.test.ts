import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { childWith, peakMemoryBytes } from '../support/processes.ts';
import { until } from '../support/until.ts';

const MB = 1_048_576;
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
  // Of a child that has ended, Node drops what nobody listens for.
  child.stdout.on('readable', () => undefined);
  await once(child.stdout, 'readable');
  for (let turn = 0; turn < 500 && child.exitCode === null; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  expect((JSON.parse(text) as { errors: unknown[] }).errors.length).toBe(500);
  expect((await ended)[0]).toBe(1);
});

/** Null where there is no such process yet, or any more. */
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

/** An address that hands out an export of so many bytes as fast as it is taken. */
async function exporting(bytes: number): Promise<string> {
  const piece = Buffer.alloc(65_536, 'x');
  const server = createServer((request, response) => {
    if (!request.url!.includes('/export')) {
      response.setHeader('content-type', 'application/json').end('{"id":"s1"}');
      return;
    }
    const pieces = (function* () {
      for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
    })();
    // A reader that gives up is the test's to see.
    pipeline(Readable.from(pieces), response).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Exports into a pipe whose other end is read a little at a time; how much came, and the most memory it took. */
async function exportSlowly(bytes: number): Promise<{ bytes: number; peakBytes: number }> {
  const env = { ...process.env, GATESCOPE_API_URL: await exporting(bytes), GATESCOPE_TOKEN: 'token' };
  const line = `"${process.execPath}" "${program}" session export s1 | cat`;
  const shell = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void shell.kill());
  const pid = await until('the command', () => orNull(() => childWith(shell.pid!, program)));
  let read = 0;
  let peakBytes = 0;
  for await (const chunk of shell.stdout as AsyncIterable<Buffer>) {
    read += chunk.length;
    peakBytes = orNull(() => peakMemoryBytes(pid)) ?? peakBytes;
    await delay(1);
  }
  return { bytes: read, peakBytes };
}

it.runIf(process.platform === 'linux')('gatescope session export waits for a slow reader', async () => {
  const small = await exportSlowly(2 * MB);
  const large = await exportSlowly(96 * MB);
  expect([small.bytes, large.bytes]).toEqual([2 * MB, 96 * MB]);
  // A command that does not wait holds most of it in the end.
  expect(large.peakBytes - small.peakBytes).toBeLessThan(80 * MB);
});
