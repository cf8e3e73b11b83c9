import { describe, expect, it } from 'vitest';
import { sampleTrace } from './testing/sample-trace.ts';
import { treeKey } from './tree-keys.ts';
import { visibleRows } from './visible-rows.ts';

const model = sampleTrace(`
  kong 0+100
    kong.phase.access 10+50
      kong.access.plugin.cors 11+5
      kong.access.plugin.key-auth 20+5 !
    kong.wait_for_client_read 90+10
`);

function press(key: string, selected: number | null, collapsed: ReadonlySet<number> = new Set()) {
  return treeKey(key, {
    model,
    visible: visibleRows(model, collapsed),
    collapsed,
    matches: null,
    selected,
    pageRows: 3,
  });
}

describe('treeKey()', () => {
  it.each([
    ['ArrowDown', null, 0],
    ['ArrowDown', 0, 1],
    ['j', 4, 4],
    ['ArrowUp', null, 0],
    ['k', 2, 1],
    ['Home', 3, 0],
    ['End', 1, 4],
    ['PageDown', 0, 3],
    ['PageDown', 3, 4],
    ['PageUp', 4, 1],
    ['ArrowRight', 1, 2],
    ['ArrowLeft', 2, 1],
    ['!', null, 3],
    ['!', 3, 3],
  ])('%s from row %s goes to row %s', (key, from, to) => {
    expect(press(key, from)).toEqual({ kind: 'select', row: to });
  });

  it('folds and unfolds with left and right', () => {
    expect(press('ArrowLeft', 1)).toEqual({ kind: 'collapse', row: 1 });
    expect(press('ArrowRight', 1, new Set([1]))).toEqual({ kind: 'expand', row: 1 });
    expect(press('ArrowLeft', 1, new Set([1]))).toEqual({ kind: 'select', row: 0 });
  });

  it('steps over what is folded away', () => {
    expect(press('ArrowDown', 1, new Set([1]))).toEqual({ kind: 'select', row: 4 });
  });

  it('finds a failure that is folded away', () => {
    expect(press('!', 0, new Set([1]))).toEqual({ kind: 'select', row: 3 });
  });

  it('goes from match to match, around the ends', () => {
    const matches = Uint8Array.from([0, 0, 1, 0, 1]);
    const visible = Int32Array.from([0, 1, 2, 4]);
    const go = (key: string, selected: number | null) =>
      treeKey(key, { model, visible, collapsed: new Set(), matches, selected, pageRows: 3 });
    expect([null, 0, 2, 4].map((from) => go('n', from))).toEqual(
      [2, 2, 4, 2].map((row) => ({ kind: 'select', row })),
    );
    expect([null, 0, 2, 4].map((from) => go('N', from))).toEqual(
      [4, 4, 4, 2].map((row) => ({ kind: 'select', row })),
    );
    expect(press('n', 0)).toBeNull();
    expect(go('!', 0)).toBeNull();
  });

  it('does nothing where there is nothing to do', () => {
    expect(press('ArrowRight', 2)).toBeNull();
    expect(press('ArrowLeft', 0, new Set([0]))).toBeNull();
    expect(press('ArrowRight', null)).toBeNull();
    expect(press('a', 0)).toBeNull();
    const empty = sampleTrace('');
    expect(
      treeKey('End', {
        model: empty,
        visible: new Int32Array(),
        collapsed: new Set(),
        matches: null,
        selected: null,
        pageRows: 3,
      }),
    ).toBeNull();
  });
});
