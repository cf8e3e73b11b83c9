import { useCallback, useMemo, useRef, useState } from 'react';
import type { TraceSource } from '../api/trace-source.ts';
import { criticalPath } from '../engine/critical-path.ts';
import { clampRange, isWhole, type TimeRange, zoomRange } from '../engine/time-range.ts';
import { endOf, startOf, type TraceModel } from '../engine/trace-model.ts';
import type { TraceUrlState } from '../engine/trace-url.ts';
import { keptRows, revealRow, rowsWithChildren, visibleRows } from '../engine/visible-rows.ts';
import { Minimap } from './minimap.tsx';
import { SpanDetail } from './span-detail.tsx';
import styles from './spans-tab.module.css';
import { SpansToolbar } from './spans-toolbar.tsx';
import { useSpanFilter } from './use-span-filter.ts';
import { useSpanKeys } from './use-span-keys.ts';
import { Waterfall } from './waterfall.tsx';

interface Props {
  readonly source: TraceSource;
  readonly model: TraceModel;
  readonly view: TraceUrlState;
  readonly onView: (changed: Partial<TraceUrlState>) => void;
  /** Where the log of a span is shown. */
  readonly logHref: (spanId: string) => string;
}

const NOTHING_COLLAPSED: ReadonlySet<number> = new Set();

/** Every span on a time axis, with a filter, a zoom, the critical path, and the chosen span's detail. */
export function SpansTab({ source, model, view, onView, logHref }: Props) {
  const [collapsed, setCollapsed] = useState(NOTHING_COLLAPSED);
  const [pageRows, setPageRows] = useState(10);
  const tree = useRef<HTMLTableElement>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const outcome = useSpanFilter(source, model, view.filter);
  const { matches } = outcome;
  const visible = useMemo(
    () => visibleRows(model, collapsed, matches === null ? null : keptRows(model, matches)),
    [model, collapsed, matches],
  );
  const path = useMemo(() => (view.path ? criticalPath(model) : null), [model, view.path]);
  const found = useMemo(
    () => (view.spanId === null ? -1 : model.skeleton.span_id.indexOf(view.spanId)),
    [model, view.spanId],
  );
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

  useSpanKeys({
    ...{ model, visible, collapsed, matches, selected, pageRows, tree },
    onAction: (action) => (action.kind === 'select' ? select(action.row) : toggle(action.row)),
    onFilter: () => filterInput.current?.focus(),
    onFit: () => zoom(whole),
    onPath: () => onView({ path: !view.path }),
    onLeave: () => select(null),
  });

  return (
    <div className={styles['tab']}>
      <SpansToolbar
        filter={view.filter}
        outcome={outcome}
        inputRef={filterInput}
        isWhole={view.range === null}
        isPathShown={view.path}
        onFilter={(text) => onView({ filter: text })}
        onLeave={() => tree.current?.focus()}
        onCollapseAll={() => setCollapsed(rowsWithChildren(model, 1))}
        onExpandAll={() => setCollapsed(NOTHING_COLLAPSED)}
        onPath={() => onView({ path: !view.path })}
        onZoom={zoomBy}
        onFit={() => zoom(whole)}
      />
      <Minimap model={model} range={range} onRange={zoom} />
      <div className={styles['body']}>
        <Waterfall
          source={source}
          model={model}
          visible={visible}
          collapsed={collapsed}
          matches={matches}
          path={path}
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
            source={source}
            model={model}
            path={path}
            row={selected}
            logHref={logHref}
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
