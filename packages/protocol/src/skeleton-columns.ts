import type { Span } from '@gatescope/trace';
import type { AttributeBlock, Skeleton } from './skeleton.ts';
import type { TraceSummary } from './trace-summary.ts';

const STATUS = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/** Spans by their start; of those that start together the longer first, so that parents come before their children. */
export function inStartOrder(spans: readonly Span[]): Span[] {
  return spans
    .map((span, index) => ({
      span,
      index,
      start: BigInt(span.start_unix_nano),
      end: BigInt(span.end_unix_nano),
    }))
    .sort((a, b) =>
      a.start === b.start
        ? a.end === b.end
          ? a.index - b.index
          : a.end > b.end
            ? -1
            : 1
        : a.start < b.start
          ? -1
          : 1,
    )
    .map(({ span }) => span);
}

/** The columns of a trace; `spans` in start order. */
export function skeletonOf(summary: TraceSummary, spans: readonly Span[]): Skeleton {
  const rows = new Map(spans.map((span, index) => [span.span_id, index]));
  const names: string[] = [];
  const nameIndex = new Map<string, number>();
  const origin = spans.length === 0 ? 0n : BigInt(spans[0]!.start_unix_nano);
  const skeleton: Skeleton = {
    summary,
    origin_unix_nano: origin.toString(),
    span_count: spans.length,
    names,
    name: [],
    span_id: [],
    parent: [],
    start_ns: [],
    duration_ns: [],
    status: [],
  };
  spans.forEach((span, row) => {
    let name = nameIndex.get(span.name);
    if (name === undefined) {
      name = names.push(span.name) - 1;
      nameIndex.set(span.name, name);
    }
    const start = BigInt(span.start_unix_nano);
    const parent = span.parent_span_id === null ? -1 : (rows.get(span.parent_span_id) ?? -2);
    skeleton.name.push(name);
    skeleton.span_id.push(span.span_id);
    skeleton.parent.push(parent === row ? -2 : parent);
    skeleton.start_ns.push(Number(start - origin));
    skeleton.duration_ns.push(Math.max(0, Number(BigInt(span.end_unix_nano) - start)));
    skeleton.status.push(STATUS[span.status.code]);
  });
  return skeleton;
}

/** What the columns leave out, of `count` rows from `from` on. */
export function attributeBlock(spans: readonly Span[], from: number, count: number): AttributeBlock {
  return {
    from,
    spans: spans.slice(from, from + count).map((span) => ({
      span_id: span.span_id,
      kind: span.kind,
      status_message: span.status.message,
      attributes: span.attributes,
      events: span.events.map((event) => ({
        name: event.name,
        time_unix_nano: event.time_unix_nano,
        attributes: event.attributes,
      })),
    })),
  };
}
