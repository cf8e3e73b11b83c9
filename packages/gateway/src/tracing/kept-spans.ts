import type { AttributeValue } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';

/** A span that was recorded before the request it belongs to had come. Times are performance.now() milliseconds. */
export interface KeptSpan {
  readonly kind: number;
  /** Place among the spans kept with it, counted from 1; 0: the span they are all below. */
  readonly parent: number;
  readonly label: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly error: string | null;
  readonly attributes: readonly (readonly [key: number, value: AttributeValue])[];
  readonly events: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly attributes: Readonly<Record<string, AttributeValue>>;
  }[];
}

/** Everything below the root of a record whose spans have ended, to be kept when the record is given back. */
export function keptSpans(record: RequestRecord): readonly KeptSpan[] {
  const kept: KeptSpan[] = [];
  for (let span = 1; span < record.spanCount; span++) {
    const attributes: [number, AttributeValue][] = [];
    for (let at = record.firstAttributeOf(span); at >= 0; at = record.nextAttributeOf(at))
      attributes.push([record.keyOf(at), record.attributeValues[at]!]);
    kept.push({
      kind: record.kindOf(span),
      parent: record.parentOf(span),
      label: record.labels[span]!,
      startMs: record.startOf(span),
      endMs: record.endOf(span),
      error: record.errors[span]!,
      attributes,
      events: record.events.filter((event) => event.span === span),
    });
  }
  return kept;
}

/** Puts kept spans into the record of the request they belong to, below one of its spans. */
export function addKeptSpans(record: RequestRecord, below: number, kept: readonly KeptSpan[]): void {
  const places = [below];
  for (const { kind, parent, label, startMs, endMs, error, attributes, events } of kept) {
    const span = record.add(kind, places[parent]!, startMs, endMs);
    places.push(span);
    if (span < 0) continue;
    record.labels[span] = label;
    for (const [key, value] of attributes) record.set(span, key, value);
    for (const event of events) record.addEvent(span, event.name, event.atMs, event.attributes);
    if (error !== null) record.fail(span, error);
  }
}
