import { describe, expect, it } from 'vitest';
import { DIAGNOSTICS_MAX, Diagnostics } from './diagnostic.ts';

describe('Diagnostics', () => {
  it('counts lines and columns from 1, in UTF-16 code units', () => {
    const diagnostics = new Diagnostics('a\n\u{1f600}b\n\nc');
    for (const start of [0, 1, 2, 4, 6, 7]) diagnostics.error('here', start, start + 1);
    expect(diagnostics.list.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 3],
      [3, 1],
      [4, 1],
    ]);
  });

  it('is never empty, where the end of a text is meant', () => {
    const diagnostics = new Diagnostics('');
    diagnostics.warn('nothing here', 0, 0, 'write something');
    expect(diagnostics.list).toEqual([
      {
        message: 'nothing here',
        line: 1,
        column: 1,
        length: 1,
        severity: 'warning',
        suggestion: 'write something',
      },
    ]);
    expect(diagnostics.hasErrors).toBe(false);
  });

  it('keeps a bounded number, and an error before warnings', () => {
    const diagnostics = new Diagnostics('a');
    for (let count = 0; count < DIAGNOSTICS_MAX + 10; count++) diagnostics.warn(`warning ${count}`, 0, 1);
    expect([diagnostics.list.length, diagnostics.hasErrors]).toEqual([DIAGNOSTICS_MAX, false]);
    diagnostics.error('error', 0, 1);
    expect([diagnostics.list.length, diagnostics.hasErrors]).toEqual([DIAGNOSTICS_MAX, true]);
    expect(diagnostics.list.at(-1)!.message).toBe('error');
    for (let count = 0; count < DIAGNOSTICS_MAX + 10; count++) diagnostics.error(`error ${count}`, 0, 1);
    diagnostics.warn('late', 0, 1);
    expect(diagnostics.list.map(({ severity }) => severity)).toEqual(Array(DIAGNOSTICS_MAX).fill('error'));
  });
});
