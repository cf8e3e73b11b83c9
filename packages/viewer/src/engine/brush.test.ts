import { describe, expect, it } from 'vitest';
import { brushed, brushModeAt } from './brush.ts';

const END = 1_000;
const range = { fromNs: 200, toNs: 600 };

describe('brushModeAt()', () => {
  it('grabs the ends, moves what is between, and draws anew outside', () => {
    const modes = [50, 200, 400, 604, 900].map((x) => brushModeAt(x, 1_000, range, END));
    expect(modes).toEqual(['new', 'from', 'move', 'to', 'new']);
  });

  it('draws anew where all is shown', () => {
    expect(brushModeAt(0, 1_000, { fromNs: 0, toNs: END }, END)).toBe('new');
  });
});

describe('brushed()', () => {
  it('draws a stretch in either direction', () => {
    expect(brushed('new', range, 700, 300, END)).toEqual({ fromNs: 300, toNs: 700 });
  });

  it('moves a stretch up to the end of the trace', () => {
    expect(brushed('move', range, 300, 900, END)).toEqual({ fromNs: 600, toNs: 1_000 });
  });

  it('pulls one end, never beyond the other', () => {
    expect(brushed('from', range, 200, 100, END)).toEqual({ fromNs: 100, toNs: 600 });
    expect(brushed('from', range, 200, 800, END)).toEqual({ fromNs: 600, toNs: 700 });
    expect(brushed('to', range, 600, 900, END)).toEqual({ fromNs: 200, toNs: 900 });
    expect(brushed('to', range, 600, 0, END)).toEqual({ fromNs: 200, toNs: 300 });
  });
});
