import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTrace } from './testing/sample-trace.ts';
import { keptRows, revealRow, rowsWithChildren, visibleRows } from './visible-rows.ts';

const model = sampleTrace(`
  kong 0+100
    kong.phase.access 10+50
      kong.access.plugin.cors 11+5
        kong.io.http.request 12+2
    kong.wait_for_client_read 90+10
`);

describe('visibleRows()', () => {
  it('leaves out what is below a collapsed row', () => {
    expect([...visibleRows(model, new Set())]).toEqual([0, 1, 2, 3, 4]);
    expect([...visibleRows(model, new Set([1]))]).toEqual([0, 1, 4]);
    expect([...visibleRows(model, new Set([0, 1]))]).toEqual([0]);
  });

  it('shows what is kept, and folds nothing then', () => {
    const kept = keptRows(model, Uint8Array.from([0, 0, 0, 1, 0]));
    expect([...kept]).toEqual([1, 1, 1, 1, 0]);
    expect([...visibleRows(model, new Set([0]), kept)]).toEqual([0, 1, 2, 3]);
  });

  it('shows no row twice and none below a collapsed one', () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4]), (rows) => {
        const collapsed = new Set(rows);
        const shown = [...visibleRows(model, collapsed)];
        expect(new Set(shown).size).toBe(shown.length);
        for (const row of shown)
          for (let at = model.parent[row]!; at >= 0; at = model.parent[at]!)
            expect(collapsed.has(at)).toBe(false);
      }),
    );
  });
});

describe('revealRow()', () => {
  it('opens every ancestor, and nothing else', () => {
    expect(revealRow(model, new Set([0, 1, 3]), 3)).toEqual(new Set([3]));
  });

  it('gives the same set where nothing hides the row', () => {
    const collapsed = new Set([3]);
    expect(revealRow(model, collapsed, 3)).toBe(collapsed);
  });
});

describe('rowsWithChildren()', () => {
  it('are those with something below, from a depth on', () => {
    expect(rowsWithChildren(model)).toEqual(new Set([0, 1, 2]));
    expect(rowsWithChildren(model, 1)).toEqual(new Set([1, 2]));
  });
});
