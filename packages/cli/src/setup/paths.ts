import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder the product was installed in. The bundle lies in its `dist`. */
export const HOME = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The program that every child process runs. */
export const PROGRAM = join(HOME, 'dist', 'gatescope.js');
export const VIEWER_DIR = join(HOME, 'dist', 'viewer');
export const DEMO_CONFIG = join(HOME, 'examples', 'demo', 'kong.yml');
export const DEMO_UPSTREAM = join(HOME, 'examples', 'demo', 'upstream.mjs');
