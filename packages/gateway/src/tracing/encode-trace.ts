import { type AttributeValue, fieldKey, ProtoWriter, writeKeyValue, writeValue } from '@gatescope/trace';
import { isMadeHere, type Masking } from './masking.ts';
import { type Piece, PieceBook } from './piece-book.ts';
import type { RequestFacts } from './request-facts.ts';
import type { RecordedEvent, RequestRecord } from './request-record.ts';
import { rootReadersOf } from './root-attributes.ts';
import type { ShapeNotes } from './shape-notes.ts';
import { ATTRIBUTES, IS_DOUBLE, isOwnSpan, OWN_ATTRIBUTE, otlpKind, spanName } from './span-kinds.ts';
import { SpanWriter } from './span-writer.ts';
import { TraceClock } from './trace-clock.ts';

const KEY_SCOPE_SPANS = fieldKey(2, 2);
const KEY_STATUS = fieldKey(15, 2);
const FIELD_ATTRIBUTE = 9;
const KEY_EVENT = fieldKey(11, 2);

/** Words of all that is encoded once: 128 KiB. When they are used up, all but the keys of attributes is encoded anew. */
const BOOK_WORDS = 32_768;
/** Bytes of a piece of that at most: longer ones are encoded each time. */
const PIECE_MAX = 2_048;

const book = new PieceBook(BOOK_WORDS);
const writer = new SpanWriter(book);
const nested = new ProtoWriter(4_096);
const clock = new TraceClock();

/** Attribute keys as KeyValue.key fields. */
const ATTRIBUTE_KEYS = ATTRIBUTES.map(
  ({ name }) => book.add(encoded((writer) => writer.string(fieldKey(1, 2), name)))!,
);
book.keep();
/** Of attributes whose texts come again and again the texts seen, encoded with their key: few are made here, but for ids of requests, and asked for as hosts. */
const texts = ATTRIBUTES.map(({ name }, number) =>
  name === 'http.request.header.host' || (isMadeHere(number) && name !== 'proxy.kong.request.id')
    ? new Map<string, Piece>()
    : null,
);
/** Characters of a text that is kept. */
const TEXT_MAX = 64;

/** Span.name and Span.kind fields by kind, and by kind and label. */
const names: (Piece | undefined)[] = [];
const labelled: (Map<string, Piece> | undefined)[] = [];
/** The scopes of sessions: of one by its id, of several by all of them. */
const scopesOfOne = new Map<string, Piece>();
const scopesOfSeveral = new Map<string, Piece>();

/** How a record is encoded. */
export interface TraceEncoding {
  /** The sessions it is for, which the scope names; none: for somebody else. */
  readonly sessionIds: readonly string[];
  /** What has to be added to performance.now() to get wall time. */
  readonly wallOffsetMs: number;
  /** The finished request, for what its root tells besides what was recorded; null: nothing. */
  readonly facts: RequestFacts | null;
  readonly masking: Masking;
}

/**
 * A record as one ScopeSpans message of OTLP, with its key as field 2 of ResourceSpans: the root first. All spans must be closed. The answer
 * is a view that is valid until the next call; `notes` are told where in it stands what differs from trace to trace.
 */
export function encodeTrace(
  record: RequestRecord,
  encoding: TraceEncoding,
  notes: ShapeNotes | null = null,
): Uint8Array {
  const { wallOffsetMs, facts, masking } = encoding;
  writer.reset();
  const scopeSpans = writer.begin(KEY_SCOPE_SPANS);
  writeScope(encoding.sessionIds);
  const { ids, labels, errors } = record;
  clock.of(wallOffsetMs, record.startOf(0));
  for (let index = 0; index < record.spanCount; index++) {
    const span = writer.beginSpan(ids, index, record.parentOf(index), record.hasParent);
    writeNameAndKind(record.kindOf(index), labels[index]!, masking);
    notes?.spans.push(span);
    notes?.times.push(writer.length);
    const start = clock.since(record.startOf(index));
    writer.times(clock.high, clock.low, start, Math.max(start, clock.since(record.endOf(index))));
    writeAttributes(record, index, masking, notes);
    if (index === 0 && facts !== null) writeRoot(facts, masking, notes);
    if (record.events.length > 0) writeEvents(record, index, masking);
    const error = errors[index]!;
    if (error !== null) writer.raw(statusOf(masking.words(error)));
    writer.end(span);
  }
  writer.end(scopeSpans);
  return writer.view();
}

function writeAttributes(
  record: RequestRecord,
  span: number,
  masking: Masking,
  notes: ShapeNotes | null,
): void {
  const { attributeValues } = record;
  for (let index = record.firstAttributeOf(span); index >= 0; index = record.nextAttributeOf(index)) {
    const number = record.keyOf(index);
    const value = attributeValues[index]!;
    if (number === OWN_ATTRIBUTE) writeOwn(value as readonly [string, AttributeValue], masking);
    else if (value !== null) writeAttribute(number, value, masking);
    if (notes !== null) notes.attributes[index] = writer.length;
  }
}

function writeRoot(facts: RequestFacts, masking: Masking, notes: ShapeNotes | null): void {
  for (const { key, read } of rootReadersOf(facts)) {
    const value = read(facts);
    if (value !== undefined) writeAttribute(key, value, masking);
    notes?.root.push(writer.length);
  }
}

function writeAttribute(number: number, value: AttributeValue, masking: Masking): void {
  const key = ATTRIBUTE_KEYS[number]!;
  if (typeof value === 'number') {
    if (IS_DOUBLE[number]!) writer.double(key, value);
    else writer.int(key, value);
  } else if (typeof value === 'string') {
    const text = masking.text(number, value);
    const known = texts[number];
    if (known) writeText(known, number, text);
    else writer.string(key, text);
  } else if (typeof value === 'boolean') writer.bool(key, value);
  else {
    nested.reset();
    writeValue(nested, masking.value(number, value));
    writer.any(key, nested.view());
  }
}

/** An attribute that a plugin gave its own span: a pair of name and value. */
function writeOwn(pair: readonly [string, AttributeValue], masking: Masking): void {
  const [name, value] = masking.value(
    OWN_ATTRIBUTE,
    pair as unknown as AttributeValue,
  ) as unknown as typeof pair;
  nested.reset();
  writeKeyValue(nested, FIELD_ATTRIBUTE, name, value);
  writer.raw(nested.view());
}

function writeText(known: Map<string, Piece>, number: number, value: string): void {
  const piece = known.get(value);
  if (piece !== undefined) {
    writer.piece(piece);
    return;
  }
  nested.reset();
  writeKeyValue(nested, FIELD_ATTRIBUTE, ATTRIBUTES[number]!.name, value);
  // A copy, since a substring would keep the whole head it was cut from alive.
  if (value.length <= TEXT_MAX) writeAndKeep(nested.view(), known, Buffer.from(value).toString());
  else writer.raw(nested.view());
}

/** Writes bytes that may come again, under this key. */
function writeAndKeep(bytes: Uint8Array, known: Map<string, Piece>, key: string): void {
  writer.raw(bytes);
  const piece = kept(bytes);
  if (piece !== null) known.set(key, piece);
}

/** Puts bytes into the book; where it is full, all that was in it is forgotten first. Null: they are too long for it. */
function kept(bytes: Uint8Array): Piece | null {
  if (bytes.length > PIECE_MAX) return null;
  const piece = book.add(bytes);
  if (piece !== null) return piece;
  for (const known of [...texts, ...labelled, scopesOfOne, scopesOfSeveral]) known?.clear();
  names.length = 0;
  book.clear();
  return book.add(bytes);
}

/** In the order in which they were noted, each within its span. */
function writeEvents(record: RequestRecord, span: number, masking: Masking): void {
  for (const event of record.events) {
    if (event.span !== span) continue;
    const within = Math.min(Math.max(event.atMs, record.startOf(span)), record.endOf(span));
    const sum = clock.low + clock.since(within);
    writeEvent(event, clock.high + Math.floor(sum / 0x1_0000_0000), sum % 0x1_0000_0000, masking);
  }
}

function writeEvent({ name, attributes }: RecordedEvent, high: number, low: number, masking: Masking): void {
  nested.reset();
  const event = nested.begin(KEY_EVENT);
  nested.fixed64(fieldKey(1, 1), high, low);
  nested.string(fieldKey(2, 2), masking.words(name));
  const masked = masking.value(OWN_ATTRIBUTE, attributes) as typeof attributes;
  for (const [key, value] of Object.entries(masked)) writeKeyValue(nested, 3, key, value);
  nested.end(event);
  writer.raw(nested.view());
}

function writeNameAndKind(kind: number, label: string | null, masking: Masking): void {
  const known = label === null ? names[kind] : labelled[kind]?.get(label);
  if (known !== undefined) {
    writer.piece(known);
    return;
  }
  // What a plugin calls its own spans is without number, and may be made of what was sent.
  const name = isOwnSpan(kind) ? masking.words(spanName(kind, label)) : spanName(kind, label);
  const field = encoded((writer) => {
    writer.string(fieldKey(5, 2), name);
    writer.varint(fieldKey(6, 0), otlpKind(kind));
  });
  if (isOwnSpan(kind)) writer.raw(field);
  else if (label !== null) writeAndKeep(field, (labelled[kind] ??= new Map()), label);
  else {
    writer.raw(field);
    names[kind] = kept(field) ?? undefined;
  }
}

/** The error status of a span, as a field of it. */
function statusOf(message: string): Uint8Array {
  nested.reset();
  const status = nested.begin(KEY_STATUS);
  if (message !== '') nested.string(fieldKey(2, 2), message);
  nested.varint(fieldKey(3, 0), 2);
  nested.end(status);
  return nested.view();
}

/** Writes the scope that names these sessions. */
function writeScope(sessionIds: readonly string[]): void {
  const isOne = sessionIds.length === 1;
  const scopes = isOne ? scopesOfOne : scopesOfSeveral;
  const key = isOne ? sessionIds[0]! : JSON.stringify(sessionIds);
  const known = scopes.get(key);
  if (known !== undefined) writer.piece(known);
  else writeAndKeep(encodedScope(sessionIds), scopes, key);
}

function encodedScope(sessionIds: readonly string[]): Uint8Array {
  return encoded((writer) => {
    const scope = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), 'gatescope');
    if (sessionIds.length > 0) writeKeyValue(writer, 3, 'gatescope.session.ids', sessionIds);
    writer.end(scope);
  });
}

function encoded(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter(256);
  write(writer);
  return writer.finish();
}
