import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const home = fileURLToPath(new URL('../..', import.meta.url));
const copies: string[] = [];
let root = '';

function generate(...args: string[]): { status: number | null; told: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/generate-docs.mjs', '--root', root, ...args],
    { cwd: home, encoding: 'utf8' },
  );
  return { status, told: `${stdout}${stderr}`.trim() };
}

function change(name: string, by: (text: string) => string): void {
  writeFileSync(join(root, name), by(readFileSync(join(root, name), 'utf8')));
}

/** A folder with what the generator makes of the code as it is, whatever the state of the repository's own docs. */
let made = '';

function copyOf(from: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'gatescope-docs-'));
  copies.push(copy);
  cpSync(join(from, 'docs/reference'), join(copy, 'docs/reference'), { recursive: true });
  return copy;
}

beforeAll(() => {
  made = copyOf(home);
  root = made;
  generate();
});

beforeEach(() => {
  root = copyOf(made);
});

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

describe('generate-docs', { timeout: 180_000 }, () => {
  it('finds its own work up to date', () => {
    expect(generate('--check')).toEqual({ status: 0, told: 'the generated docs are up to date' });
  });

  it('names what is not up to date and how to mend it, writes nothing with --check, and mends it without', () => {
    change('docs/reference/spans.md', (text) => text.replace('## `kong.router`', '## `kong.rooter`'));
    change('docs/reference/expressions.md', (text) => text.replace('| `http.method` ', '| `http.verb` '));
    rmSync(join(root, 'docs/reference/openapi.json'));
    const names = 'docs/reference/spans.md, docs/reference/expressions.md, docs/reference/openapi.json';
    const stale = {
      status: 1,
      told: `generate-docs: not up to date: ${names}; run node scripts/generate-docs.mjs and commit what it writes`,
    };
    expect(generate('--check')).toEqual(stale);
    expect(generate()).toEqual({ status: 0, told: `written: ${names}` });
  });

  it('leaves what people wrote around the table of fields', () => {
    change('docs/reference/expressions.md', (text) => `Before.\n\n${text}\nAfter.\n`);
    expect(generate('--check').status).toBe(0);
  });

  it('says which lines a page without a place for the table needs', () => {
    writeFileSync(join(root, 'docs/reference/expressions.md'), '# Sampling rules\n');
    const { status, told } = generate();
    expect(status).toBe(1);
    expect(told).toMatch(
      /^generate-docs: docs\/reference\/expressions\.md needs the lines <!-- fields: begin/,
    );
  });
});
