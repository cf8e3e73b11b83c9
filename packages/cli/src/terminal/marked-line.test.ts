import { compileRule } from '@gatescope/expressions';
import { describe, expect, it } from 'vitest';
import { markedLine } from './marked-line.ts';

function marked(text: string, width = 100): string[] {
  const compiled = compileRule(text);
  const diagnostics = compiled.ok ? compiled.rule.warnings : compiled.diagnostics;
  return markedLine(text, width, diagnostics[0]!).trimEnd().split('\n');
}

describe('markedLine()', () => {
  it('has a mark below the place, and what mends it', () => {
    expect(marked('http.method == GET && http.metod == GET')).toEqual([
      'error  1:23  unknown field http.metod',
      '  http.method == GET && http.metod == GET',
      '                        ^^^^^^^^^^',
      '  did you mean http.method?',
    ]);
  });

  it('shows the line that is meant', () => {
    expect(marked('http.method == GET\n  && http.metod == GET').slice(0, 3)).toEqual([
      'error  2:6  unknown field http.metod',
      '    && http.metod == GET',
      '       ^^^^^^^^^^',
    ]);
  });

  it.each([
    ['a tab, which is written out', 'http.path == "\t" && x == 1', '  http.path == "\\x09" && x == 1', 25],
    ['wide characters', 'http.path == "東京" && x == 1', '  http.path == "東京" && x == 1', 25],
    ['combining marks', 'http.path == "e\u0301" && x == 1', '  http.path == "e\u0301" && x == 1', 22],
    ['a picture', 'http.path == "🔥" && x == 1', '  http.path == "🔥" && x == 1', 23],
  ])('stands below its place behind %s', (_, text, line, columns) => {
    expect(marked(text).slice(1, 3)).toEqual([line, `${' '.repeat(columns)}^`]);
  });

  it('cuts a line that is wider than the terminal', () => {
    const text = `${'http.method == GET && '.repeat(50)}http.metod == GET${' && http.method == GET'.repeat(50)}`;
    const [, line, mark] = marked(text, 80);
    expect(line!.length).toBeLessThanOrEqual(80);
    expect(line!.slice(mark!.indexOf('^'), mark!.length)).toBe('http.metod');
    expect(line!.startsWith('  …') && line!.endsWith('…')).toBe(true);
  });
});
