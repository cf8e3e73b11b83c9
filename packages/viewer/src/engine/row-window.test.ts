import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowWindow, scrollToRow } from './row-window.ts';

describe('rowWindow()', () => {
  it('is what can be seen and a little more', () => {
    expect(rowWindow(240, 100, 24, 1_000, 2)).toEqual({ first: 8, end: 17 });
    expect(rowWindow(0, 100, 24, 3, 2)).toEqual({ first: 0, end: 3 });
    expect(rowWindow(0, 0, 24, 0, 2)).toEqual({ first: 0, end: 0 });
  });

  it('stays within the rows and holds every one in view', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(2_000), fc.nat(5_000), (scrollTop, height, count) => {
        const { first, end } = rowWindow(scrollTop, height, 24, count, 6);
        expect(0 <= first && first <= end && end <= count).toBe(true);
        for (let row = Math.ceil(scrollTop / 24); row < Math.min(count, (scrollTop + height) / 24); row++)
          expect(row >= first && row < end).toBe(true);
      }),
    );
  });
});

describe('scrollToRow()', () => {
  it('moves no further than it has to', () => {
    expect(scrollToRow(5, 0, 240, 24)).toBe(0);
    expect(scrollToRow(20, 0, 240, 24)).toBe(264);
    expect(scrollToRow(2, 240, 240, 24)).toBe(48);
  });
});
