/**
 * `npm start`: builds where the bundle is missing or stale, then starts everything on this machine. package.json says `exec`, so that a signal to
 * npm reaches this process and not a shell in between.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
process.argv.splice(2, 0, 'start');
await import('../bin/gatescope');
