/**
 * `npm run build`: bundles the product into dist/gatescope.js and the viewer into dist/viewer. With `--if-stale` it does nothing where
 * no source has changed since the last build.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const STAMP = '.built-from';
/** Loaded from node_modules at run time: a native library, and a package whose WASM is read from its place. */
const EXTERNALS = ['libsql', 'undici', 'pkcs11js'];
const TEST = /\.test\.tsx?$/;

const stamp = stampOfSources();
if (process.argv.includes('--if-stale') && builtFrom() === stamp) process.exit(0);

// Built aside and put in place whole: whoever starts meanwhile finds the old build or the new one.
const aside = join(root, `dist.${process.pid}`);
try {
  await bundleProgram();
  await bundleViewer();
  writeFileSync(join(aside, STAMP), stamp);
  if (existsSync(dist)) renameSync(dist, `${aside}.old`);
  renameSync(aside, dist);
} finally {
  for (const left of [aside, `${aside}.old`]) rmSync(left, { recursive: true, force: true });
}

async function bundleProgram() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: { gatescope: 'packages/cli/src/main.ts' },
    outdir: aside,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    // Beside the program: what asks for its own folder gets the same answer everywhere.
    chunkNames: '[name]-[hash]',
    external: EXTERNALS,
    inject: ['scripts/bundle-globals.mjs'],
    legalComments: 'none',
    logLevel: 'warning',
    // CommonJS packages in the bundle ask for Node's own modules by require.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
}

async function bundleViewer() {
  const { build } = await import('vite');
  await build({
    configFile: join(root, 'packages/viewer/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(aside, 'viewer') },
  });
}

function builtFrom() {
  const file = join(dist, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Names, sizes and times of everything a build reads. */
function stampOfSources() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  };
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(path);
      else if (entry.isFile() && !TEST.test(entry.name)) add(path);
    }
  };
  walk(join(root, 'packages'));
  for (const file of ['package-lock.json', 'scripts/build.mjs', 'scripts/bundle-globals.mjs'])
    add(join(root, file));
  return hash.digest('hex');
}
