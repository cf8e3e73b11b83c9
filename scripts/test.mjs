/** `npm test`: builds when the bundle is missing or stale (the end-to-end tests run it), then runs every test. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (file, args) => {
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

run('scripts/build.mjs', ['--if-stale']);
run('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
