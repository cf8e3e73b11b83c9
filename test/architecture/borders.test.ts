import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: { name: string }[];
  options: Record<string, unknown>;
};

/** One violation per border: the files to plant, where the last imports what it must not. */
const PLANTED: Record<string, Record<string, string>> = {
  'public-surface-only': {
    'packages/trace/src/inner.ts': 'export const inner = 1;',
    'packages/protocol/src/a.ts': "import { inner } from '../../trace/src/inner.ts'; export const a = inner;",
  },
  portable: {
    'packages/trace/src/a.ts': "import { readFileSync } from 'node:fs'; export const a = readFileSync;",
  },
  'plugins-stand-alone': {
    'packages/gateway/src/plugins/one/handler.ts': 'export const one = 1;',
    'packages/gateway/src/plugins/two/handler.ts':
      "import { one } from '../one/handler.ts'; export const two = one;",
  },
  'pipeline-knows-no-plugin': {
    'packages/gateway/src/plugins/one/handler.ts': 'export const one = 1;',
    'packages/gateway/src/pipeline/run.ts':
      "import { one } from '../plugins/one/handler.ts'; export const two = one;",
  },
  'sql-in-the-store': {
    'packages/control-plane/src/sessions/a.ts': "import { sql } from 'kysely'; export const a = sql;",
  },
  'one-door-to-the-database': {
    'packages/control-plane/src/sessions/a.ts': "import Database from 'libsql'; export const a = Database;",
  },
  'routes-never-see-storage': {
    'packages/control-plane/src/store/open-store.ts': 'export const open = 1;',
    'packages/control-plane/src/api/a.ts':
      "import { open } from '../store/open-store.ts'; export const a = open;",
  },
  'services-never-see-http': {
    'packages/control-plane/src/sessions/a.ts':
      "import { fastify } from 'fastify'; export const a = fastify;",
  },
  'viewer-model-is-pure': {
    'packages/viewer/src/engine/a.ts': "import { useState } from 'react'; export const a = useState;",
  },
  'no-cycles': {
    'packages/trace/src/a.ts': "import { b } from './b.ts'; export const a = () => b;",
    'packages/trace/src/b.ts': "import { a } from './a.ts'; export const b = () => a;",
  },
  'no-tests-in-production': {
    'packages/trace/src/a.test.ts': 'export const a = 1;',
    'packages/trace/src/b.ts': "import { a } from './a.test.ts'; export const b = a;",
  },
  'no-utils': {
    'packages/trace/src/utils/a.ts': 'export const a = 1;',
    'packages/trace/src/b.ts': "import { a } from './utils/a.ts'; export const b = a;",
  },
  resolvable: { 'packages/trace/src/a.ts': "import { b } from './nowhere.ts'; export const a = b;" },
};

/** Every pair of packages that may not meet, as the rule of the importing package. */
const STRANGERS: [from: string, to: string][] = [
  ['base', 'trace'],
  ['trace', 'protocol'],
  ['expressions', 'trace'],
  ['sanitizer', 'trace'],
  ['protocol', 'rpc'],
  ['http1', 'trace'],
  ['content-codings', 'trace'],
  ['envelope', 'protocol'],
  ['rpc', 'protocol'],
  ['gateway', 'control-plane'],
  ['gateway', 'envelope'],
  ['control-plane', 'gateway'],
  ['viewer', 'gateway'],
  ['viewer', 'control-plane'],
  ['cli', 'viewer'],
];

const packages = readdirSync(join(root, 'packages'));
let sandbox = '';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(sandbox, path)), { recursive: true });
  writeFileSync(join(sandbox, path), text);
}

async function violationsOf(files: Record<string, string>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) write(path, text);
  try {
    const { output } = await cruise(
      ['packages'],
      {
        ...rules.options,
        tsConfig: { fileName: join(root, 'tsconfig.json') },
        ruleSet: rules as never,
        validate: true,
        baseDir: sandbox,
      } as never,
      rules.options['enhancedResolveOptions'] as never,
      { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) } as never,
    );
    return [
      ...new Set((output as ICruiseResult).summary.violations.map((violation) => violation.rule.name)),
    ].sort();
  } finally {
    for (const path of Object.keys(files)) rmSync(join(sandbox, path));
  }
}

describe('borders', () => {
  beforeAll(() => {
    sandbox = mkdtempSync(join(tmpdir(), 'gatescope-borders-'));
    for (const name of packages) {
      write(
        `packages/${name}/package.json`,
        readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
      );
      write(`packages/${name}/src/index.ts`, 'export {};\n');
      if (name === 'viewer') write('packages/viewer/src/main.tsx', 'export {};\n');
      mkdirSync(join(sandbox, 'node_modules/@gatescope'), { recursive: true });
      symlinkSync(join(sandbox, 'packages', name), join(sandbox, 'node_modules/@gatescope', name));
    }
    for (const name of ['kysely', 'libsql', 'fastify', 'react']) {
      symlinkSync(join(root, 'node_modules', name), join(sandbox, 'node_modules', name));
    }
  });

  afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

  it('says nothing where nothing is planted', async () => {
    expect(
      await violationsOf({
        'packages/viewer/src/a.ts': "import * as trace from '@gatescope/trace'; export const a = trace;",
      }),
    ).toEqual([]);
  });

  it.each(Object.keys(PLANTED))('notices a violation of %s', async (name) => {
    expect(await violationsOf(PLANTED[name]!)).toContain(name);
  });

  it.each(STRANGERS)('keeps %s from importing %s', async (from, to) => {
    expect(
      await violationsOf({
        [`packages/${from}/src/a.ts`]: `import * as x from '@gatescope/${to}'; export const a = x;`,
      }),
    ).toContain(`package-${from}`);
  });

  it('has a planted violation for every rule', () => {
    const planted = [...Object.keys(PLANTED), ...STRANGERS.map(([from]) => `package-${from}`)];
    expect(rules.forbidden.map((rule) => rule.name).filter((name) => !planted.includes(name))).toEqual([]);
  });
});
