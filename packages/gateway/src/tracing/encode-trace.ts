import { type AttributeValue, fieldKey, ProtoWriter } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { ATTRIBUTES, otlpKind, spanName } from './span-kinds.ts';

const encoder = new TextEncoder();
const KEY_SPAN = fieldKey(2, 2);
const KEY_ATTRIBUTES = fieldKey(9, 2);
const KEY_VALUE = fieldKey(2, 2);
const KEY_STATUS = fieldKey(15, 2);

/** Attribute keys as KeyValue.key fields, encoded once. */
const ATTRIBUTE_KEYS = ATTRIBUTES.map(({ name }) => {
  const writer = new ProtoWriter(128);
  writer.string(fieldKey(1, 2), name);
  return writer.finish();
});
const TYPES = ATTRIBUTES.map(({ type }) => type);

/** Span.name fields by kind and label, encoded once; plugin names come from the configuration, so they are few. */
const names = new Map<string | number, Uint8Array>();
const NAMES_MAX = 4_096;

function nameField(kind: number, label: string | null): Uint8Array {
  const key = label === null ? kind : `${kind} ${label}`;
  let field = names.get(key);
  if (field === undefined) {
    const writer = new ProtoWriter(128);
    writer.string(fieldKey(5, 2), spanName(kind, label));
    field = writer.finish();
    if (names.size < NAMES_MAX) names.set(key, field);
  }
  return field;
}

const SCOPE_NAME = encoder.encode('gatescope');
const writer = new ProtoWriter(65_536);
const spanId = Buffer.alloc(8);
const parentId = Buffer.alloc(8);

/**
 * A record as one ScopeSpans message of OTLP, with its key as field 2 of ResourceSpans: the root first, the scope naming the sessions it is for.
 * `wallOffsetMs` is what has to be added to performance.now() to get wall time. All spans must be closed. The answer is a
 * view that is valid until the next call.
 */
export function encodeTrace(
  record: RequestRecord,
  sessionIds: readonly string[],
  wallOffsetMs: number,
): Uint8Array {
  writer.reset();
  const scopeSpans = writer.begin(KEY_SPAN);
  writeScope(sessionIds);
  const origin = record.starts[0]!;
  // The wall time of the root's start once, in microseconds; everything else is an offset from it.
  const anchor = BigInt(Math.round((wallOffsetMs + origin) * 1_000)) * 1_000n;
  const high = Number(anchor >> 32n);
  const low = Number(anchor & 0xffff_ffffn);
  for (let index = 0; index < record.spanCount; index++) {
    const span = writer.begin(KEY_SPAN);
    writer.bytes(fieldKey(1, 2), record.traceId);
    writer.bytes(fieldKey(2, 2), spanIdOf(record, index, spanId));
    const parent = record.parents[index]!;
    if (parent >= 0) writer.bytes(fieldKey(4, 2), spanIdOf(record, parent, parentId));
    else if (record.hasParent) writer.bytes(fieldKey(4, 2), record.parentSpanId);
    const kind = record.kinds[index]!;
    writer.raw(nameField(kind, record.labels[index]!));
    writer.varint(fieldKey(6, 0), otlpKind(kind));
    const start = Math.max(0, Math.round((record.starts[index]! - origin) * 1e6));
    const end = Math.max(start, Math.round((record.ends[index]! - origin) * 1e6));
    writeTime(fieldKey(7, 1), high, low, start);
    writeTime(fieldKey(8, 1), high, low, end);
    writeAttributes(record, index);
    const error = record.errors[index]!;
    if (error !== null) {
      const status = writer.begin(KEY_STATUS);
      if (error !== '') writer.string(fieldKey(2, 2), error);
      writer.varint(fieldKey(3, 0), 2);
      writer.end(status);
    }
    writer.end(span);
  }
  writer.end(scopeSpans);
  return writer.view();
}

/** Span ids of one record: the root's, with the index mixed into the last two bytes. */
function spanIdOf(record: RequestRecord, index: number, into: Buffer): Buffer {
  record.rootSpanId.copy(into);
  into[6] = into[6]! ^ (index >>> 8);
  into[7] = into[7]! ^ (index & 0xff);
  return into;
}

function writeScope(sessionIds: readonly string[]): void {
  const scope = writer.begin(fieldKey(1, 2));
  writer.bytes(fieldKey(1, 2), SCOPE_NAME);
  const pair = writer.begin(fieldKey(3, 2));
  writer.string(fieldKey(1, 2), 'gatescope.session.ids');
  const value = writer.begin(KEY_VALUE);
  const array = writer.begin(fieldKey(5, 2));
  for (const id of sessionIds) {
    const item = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), id);
    writer.end(item);
  }
  writer.end(array);
  writer.end(value);
  writer.end(pair);
  writer.end(scope);
}

function writeTime(key: number, high: number, low: number, offset: number): void {
  const sum = low + offset;
  writer.fixed64(key, high + Math.floor(sum / 0x1_0000_0000), sum % 0x1_0000_0000);
}

function writeAttributes(record: RequestRecord, span: number): void {
  for (let index = record.firstAttributes[span]!; index >= 0; index = record.nextAttributes[index]!) {
    const key = record.attributeKeys[index]!;
    const pair = writer.begin(KEY_ATTRIBUTES);
    writer.raw(ATTRIBUTE_KEYS[key]!);
    const value = writer.begin(KEY_VALUE);
    writeTyped(TYPES[key]!, record.attributeValues[index]!);
    writer.end(value);
    writer.end(pair);
  }
}

function writeTyped(type: (typeof TYPES)[number], value: AttributeValue | null): void {
  if (typeof value === 'number') {
    if (type === 'double') writer.double(fieldKey(4, 1), value);
    else writer.int64(fieldKey(3, 0), value);
  } else if (value !== null) writeAny(value);
}

function writeAny(value: AttributeValue): void {
  if (typeof value === 'string') writer.string(fieldKey(1, 2), value);
  else if (typeof value === 'boolean') writer.bool(fieldKey(2, 0), value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int64(fieldKey(3, 0), value);
    else writer.double(fieldKey(4, 1), value);
  } else if (Array.isArray(value)) {
    const array = writer.begin(fieldKey(5, 2));
    for (const one of value as AttributeValue[]) {
      const item = writer.begin(fieldKey(1, 2));
      writeAny(one);
      writer.end(item);
    }
    writer.end(array);
  } else {
    const list = writer.begin(fieldKey(6, 2));
    for (const [name, one] of Object.entries(value)) {
      const pair = writer.begin(fieldKey(1, 2));
      writer.string(fieldKey(1, 2), name);
      const item = writer.begin(KEY_VALUE);
      writeAny(one);
      writer.end(item);
      writer.end(pair);
    }
    writer.end(list);
  }
}
