/** `npm run check`: everything that has to hold before a change lands, each step named and timed; stops at the first that fails. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => `node_modules/.bin/${name}`;

const STEPS = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the portable packages', bin('tsc'), ['-p', 'tsconfig.portable.json']],
  ['types of the viewer', bin('tsc'), ['-p', 'packages/viewer/tsconfig.json']],
  ['borders', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', 'packages']],
  ['dead code', bin('knip'), []],
  ['generated docs', process.execPath, ['scripts/generate-docs.mjs', '--check']],
  ['tests', process.execPath, ['scripts/test.mjs']],
];

for (const [title, file, args] of STEPS) {
  process.stdout.write(`\n== ${title}\n`);
  const started = performance.now();
  const { status } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`\n${title}: failed\n`);
    process.exit(status ?? 1);
  }
  process.stdout.write(`   ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
