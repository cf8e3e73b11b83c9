import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { matchingRows, parseSpanFilter } from '../engine/span-filter.ts';
import { clampRange, isWhole, type TimeRange, zoomRange } from '../engine/time-range.ts';
import { endOf, startOf, type TraceModel } from '../engine/trace-model.ts';
import type { TraceUrlState } from '../engine/trace-url.ts';
import { treeKey } from '../engine/tree-keys.ts';
import { keptRows, revealRow, rowsWithChildren, visibleRows } from '../engine/visible-rows.ts';
import { isTyping } from '../parts/is-typing.ts';
import { Minimap } from './minimap.tsx';
import { SpanDetail } from './span-detail.tsx';
import styles from './spans-tab.module.css';
import { SpansToolbar } from './spans-toolbar.tsx';
import { Waterfall } from './waterfall.tsx';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traceId: string;
  readonly model: TraceModel;
  readonly view: TraceUrlState;
  readonly onView: (changed: Partial<TraceUrlState>) => void;
}

const NOTHING_COLLAPSED: ReadonlySet<number> = new Set();

/** Every span on a time axis, with a filter, a zoom, and the chosen span's detail. */
export function SpansTab({ cp, sessionId, traceId, model, view, onView }: Props) {
  const [collapsed, setCollapsed] = useState(NOTHING_COLLAPSED);
  const [pageRows, setPageRows] = useState(10);
  const tree = useRef<HTMLTableElement>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const deferredFilter = useDeferredValue(view.filter);
  const filter = useMemo(() => parseSpanFilter(deferredFilter), [deferredFilter]);
  const matches = useMemo(() => (filter?.ok ? matchingRows(model, filter.matches) : null), [model, filter]);
  const visible = useMemo(
    () => visibleRows(model, collapsed, matches === null ? null : keptRows(model, matches)),
    [model, collapsed, matches],
  );
  const found = view.spanId === null ? -1 : model.skeleton.span_id.indexOf(view.spanId);
  const selected = found < 0 ? null : found;
  const whole = useMemo(() => ({ fromNs: 0, toNs: Math.max(1, model.endNs) }), [model]);
  const range = useMemo(
    () => (view.range === null ? whole : clampRange(view.range, model.endNs)),
    [view.range, whole, model],
  );

  const select = useCallback(
    (row: number | null) => {
      if (row !== null) setCollapsed((before) => revealRow(model, before, row));
      onView({ spanId: row === null ? null : model.skeleton.span_id[row]! });
    },
    [model, onView],
  );
  const toggle = useCallback((row: number) => setCollapsed((before) => toggled(before, row)), []);
  const zoom = useCallback(
    (next: TimeRange) => onView({ range: isWhole(next, model.endNs) ? null : next }),
    [model, onView],
  );
  const zoomBy = (factor: number) =>
    zoom(zoomRange(range, factor, (range.fromNs + range.toNs) / 2, model.endNs));

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === '/') filterInput.current?.focus();
      else if (event.key === 'f') zoom(whole);
      else if (event.key === 'Escape') select(null);
      else if (event.target === document.body || event.target === tree.current) {
        const action = treeKey(event.key, { model, visible, collapsed, selected, pageRows });
        if (action === null) return;
        if (action.kind === 'select') select(action.row);
        else toggle(action.row);
      } else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [model, visible, collapsed, selected, pageRows, select, toggle, zoom, whole]);

  return (
    <div className={styles['tab']}>
      <SpansToolbar
        filter={view.filter}
        message={filter?.ok === false ? filter.message : null}
        matchCount={matches === null ? null : matches.reduce((sum, one) => sum + one, 0)}
        spanCount={model.count}
        inputRef={filterInput}
        isWhole={view.range === null}
        onFilter={(text) => onView({ filter: text })}
        onLeave={() => tree.current?.focus()}
        onCollapseAll={() => setCollapsed(rowsWithChildren(model, 1))}
        onExpandAll={() => setCollapsed(NOTHING_COLLAPSED)}
        onZoom={zoomBy}
        onFit={() => zoom(whole)}
      />
      <Minimap model={model} range={range} onRange={zoom} />
      <div className={styles['body']}>
        <Waterfall
          model={model}
          visible={visible}
          collapsed={collapsed}
          matches={matches}
          selected={selected}
          range={range}
          tree={tree}
          onSelect={select}
          onToggle={toggle}
          onRange={zoom}
          onPageRows={setPageRows}
        />
        {selected !== null && (
          <SpanDetail
            cp={cp}
            sessionId={sessionId}
            traceId={traceId}
            model={model}
            row={selected}
            onSelect={select}
            onZoom={(row) =>
              zoom(clampRange({ fromNs: startOf(model, row), toNs: endOf(model, row) }, model.endNs))
            }
            onClose={() => {
              select(null);
              tree.current?.focus();
            }}
          />
        )}
      </div>
    </div>
  );
}

function toggled(before: ReadonlySet<number>, row: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(row)) after.add(row);
  return after;
}
