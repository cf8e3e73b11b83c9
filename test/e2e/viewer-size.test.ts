import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { VIEWER_DIR } from '../support/browser.ts';

/** Bytes, as they travel. */
const INITIAL_MAX = 200 * 1_024;
const EDITOR_MAX = 115 * 1_024;

const ASSETS = join(VIEWER_DIR, 'assets');
const sizeOf = (name: string) => gzipSync(readFileSync(join(ASSETS, name)), { level: 9 }).length;

/** A script and what it imports before it runs. */
function withImports(name: string, known = new Set<string>()): Set<string> {
  if (known.has(name)) return known;
  known.add(name);
  const text = readFileSync(join(ASSETS, name), 'utf8');
  for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g))
    withImports(imported!, known);
  return known;
}

describe('the viewer as it is built', () => {
  it('begins with little', () => {
    const page = readFileSync(join(VIEWER_DIR, 'index.html'), 'utf8');
    const [, script] = /<script[^>]* src="\/assets\/([\w.-]+\.js)"/.exec(page) ?? [];
    const scripts = [...withImports(script!)];
    const bytes = scripts.reduce((sum, name) => sum + sizeOf(name), 0);
    expect(bytes).toBeGreaterThan(50 * 1_024);
    expect(bytes).toBeLessThanOrEqual(INITIAL_MAX);
    expect(scripts.filter((name) => /editor|check-rule|settings/.test(name))).toEqual([]);
  });

  it('fetches an editor of bounded size when one is shown', () => {
    const [editor] = readdirSync(ASSETS).filter((name) => /^code-editor-.*\.js$/.test(name));
    expect(sizeOf(editor!)).toBeLessThanOrEqual(EDITOR_MAX);
  });

  it('needs nothing from anywhere else', () => {
    const outside = readdirSync(ASSETS)
      .filter((name) => name.endsWith('.css'))
      .flatMap(
        (name) => readFileSync(join(ASSETS, name), 'utf8').match(/url\((?!#)[^)]*\)|@import[^;]*/g) ?? [],
      );
    expect(outside).toEqual([]);
  });
});
