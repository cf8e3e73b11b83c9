import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIFF_EDITS_MAX, type DiffLine, diffCounts, diffHunks, lineDiff } from './line-diff.ts';

const SIGNS = { same: ' ', added: '+', removed: '-' } as const;
const picture = (lines: readonly DiffLine[]) => lines.map(({ kind, text }) => SIGNS[kind] + text);
const side = (lines: readonly DiffLine[], left: DiffLine['kind']) =>
  lines.filter(({ kind }) => kind !== left).map(({ text }) => text);

describe('lineDiff()', () => {
  it('shows a changed line as removed and added', () =>
    expect(picture(lineDiff('a\nb\nc\n', 'a\nB\nc\nd'))).toEqual([' a', '-b', '+B', ' c', '+d']));

  it('numbers the lines of each side', () =>
    expect(lineDiff('a\nb', 'b\nc')).toEqual([
      { kind: 'removed', text: 'a', before: 1, after: null },
      { kind: 'same', text: 'b', before: 2, after: 1 },
      { kind: 'added', text: 'c', before: null, after: 2 },
    ]));

  it('sees nothing in equal texts, in line ends and in a missing last one', () =>
    expect(diffCounts(lineDiff('a\r\nb\r\n', 'a\nb'))).toEqual({ added: 0, removed: 0 }));

  it('contains both texts, and is no longer than it must be', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const lines = lineDiff(a.join('\n'), b.join('\n'));
        expect(side(lines, 'added')).toEqual(a);
        expect(side(lines, 'removed')).toEqual(b);
        const same = lines.filter(({ kind }) => kind === 'same').length;
        expect(same).toBe(longestCommon(a, b));
      }),
    );
  });

  it('ends in time where nothing is common', () => {
    const count = DIFF_EDITS_MAX + 10;
    const text = (name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`).join('\n');
    expect(diffCounts(lineDiff(text('a'), text('b')))).toEqual({ added: count, removed: count });
  });
});

describe('diffHunks()', () => {
  it('leaves equal lines out, and says how many', () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index}`);
    const after = before.with(9, 'nine');
    const hunks = diffHunks(lineDiff(before.join('\n'), after.join('\n')), 1);
    expect(hunks.map(({ skipped, lines }) => [skipped, picture(lines)])).toEqual([
      [8, [' 8', '-9', '+nine', ' 10']],
      [9, []],
    ]);
  });

  it('is empty where nothing changed', () => expect(diffHunks(lineDiff('a\nb', 'a\nb'))).toEqual([]));
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, index) => {
      next.push(one === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    });
    row = next;
  }
  return row[b.length]!;
}
