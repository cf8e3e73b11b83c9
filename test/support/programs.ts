import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Servers and browsers that some tests need and no npm package brings, with the names they go by. */
const PROGRAMS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  curl: ['curl'],
  h2load: ['h2load'],
  nginx: ['nginx'],
  openssl: ['openssl'],
  'redis-server': ['redis-server'],
  'softhsm2-util': ['softhsm2-util'],
  wrk: ['wrk'],
} as const;

export type Program = keyof typeof PROGRAMS;

/** Set to 1, a missing program is a failure instead of a skip. */
const REQUIRE_ALL = process.env['GATESCOPE_TESTS_REQUIRE_ALL'] === '1';

/** The absolute path of a program, or null where it is not installed. `sbin` is searched too. */
export function findProgram(program: Program): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/bin',
    '/usr/local/bin',
  ];
  for (const name of PROGRAMS[program]) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: look in the next folder.
      }
    }
  }
  return null;
}

/**
 * A `describe` whose tests need a program. Without it they are skipped and the run's last lines say so, or fail where
 * GATESCOPE_TESTS_REQUIRE_ALL=1 asks for everything.
 */
export function describeWith(program: Program, title: string, tests: (path: string) => void): void {
  const path = findProgram(program);
  if (path !== null) {
    describe(title, () => tests(path));
    return;
  }
  const label = `${title} (needs ${program})`;
  if (REQUIRE_ALL) {
    it(label, () =>
      expect.unreachable(`${program} is not installed, and GATESCOPE_TESTS_REQUIRE_ALL=1 forbids to skip`),
    );
    return;
  }
  it.skip(label, () => {});
}
