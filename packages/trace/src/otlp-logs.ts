import type { LogLine } from './log-line.ts';
import { levelOfSeverity, severityOf } from './log-line.ts';
import { hex, readAttributes, readKeyValue, readValue } from './otlp-values.ts';
import { writeKeyValue } from './otlp-values-writer.ts';
import { ProtoError, ProtoReader } from './proto-reader.ts';
import { fieldKey, type ProtoWriter } from './proto-writer.ts';
import type { AttributeValue } from './span.ts';

/** Attributes that carry what OTLP has no field for. */
const TYPE_ATTRIBUTE = 'gatescope.log.type';
const SOURCE_ATTRIBUTE = 'gatescope.log.source';
/** Lines of one scope that are read; more is not valid. */
export const LOG_LINES_PER_SCOPE_MAX = 100_000;

/** Log lines of one instrumentation scope. */
export interface ScopeLogs {
  readonly scopeAttributes: Readonly<Record<string, AttributeValue>>;
  readonly lines: readonly LogLine[];
}

/** Writes the content of a ScopeLogs message (OTLP 1.x): what the scope says, and the lines in their order. */
export function writeScopeLogs(
  writer: ProtoWriter,
  scopeAttributes: Readonly<Record<string, AttributeValue>>,
  lines: readonly LogLine[],
): void {
  const scope = writer.begin(fieldKey(1, 2));
  writer.string(fieldKey(1, 2), 'gatescope');
  for (const [name, value] of Object.entries(scopeAttributes)) writeKeyValue(writer, 3, name, value);
  writer.end(scope);
  for (const line of lines) {
    const record = writer.begin(fieldKey(2, 2));
    const time = BigInt(line.time_unix_nano);
    writer.fixed64(fieldKey(1, 1), Number(time >> 32n), Number(time & 0xffff_ffffn));
    writer.varint(fieldKey(2, 0), severityOf(line.level));
    writer.string(fieldKey(3, 2), line.level);
    const body = writer.begin(fieldKey(5, 2));
    writer.string(fieldKey(1, 2), line.message);
    writer.end(body);
    writeKeyValue(writer, 6, TYPE_ATTRIBUTE, line.type);
    writeKeyValue(writer, 6, SOURCE_ATTRIBUTE, line.source);
    for (const [name, value] of Object.entries(line.attributes)) writeKeyValue(writer, 6, name, value);
    if (line.trace_id !== null) writer.bytes(fieldKey(9, 2), fromHex(line.trace_id));
    if (line.span_id !== null) writer.bytes(fieldKey(10, 2), fromHex(line.span_id));
    writer.end(record);
  }
}

/** The scopes of an ExportLogsServiceRequest, over all resources. Throws {@link ProtoError}. */
export function readExportLogsServiceRequest(bytes: Uint8Array): ScopeLogs[] {
  const reader = new ProtoReader(bytes);
  const scopes: ScopeLogs[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key !== 0x0a) {
      reader.skip(key);
      continue;
    }
    const resource = reader.message();
    while (!resource.isAtEnd) {
      const field = resource.key();
      if (field === 0x12) scopes.push(readScopeLogs(resource.bytes()));
      else resource.skip(field);
    }
  }
  return scopes;
}

/** Reads a ScopeLogs message. Throws {@link ProtoError}. */
export function readScopeLogs(bytes: Uint8Array): ScopeLogs {
  const reader = new ProtoReader(bytes);
  let scopeAttributes: Record<string, AttributeValue> = {};
  const lines: LogLine[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) scopeAttributes = readAttributes(reader.message(), 0x1a);
    else if (key === 0x12) {
      if (lines.length >= LOG_LINES_PER_SCOPE_MAX) throw new ProtoError('too many log lines');
      lines.push(readLine(reader.message()));
    } else reader.skip(key);
  }
  return { scopeAttributes, lines };
}

function readLine(reader: ProtoReader): LogLine {
  let time = 0n;
  let severity = 9;
  let message = '';
  let traceId = '';
  let spanId = '';
  const attributes: Record<string, AttributeValue> = {};
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x09) time = reader.fixed64();
    else if (key === 0x10) severity = reader.varint();
    else if (key === 0x2a) {
      const body = readValue(reader, 0);
      message = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    } else if (key === 0x32) readKeyValue(reader, attributes, 0);
    else if (key === 0x4a) traceId = hex(reader.bytes());
    else if (key === 0x52) spanId = hex(reader.bytes());
    else reader.skip(key);
  }
  const { [TYPE_ATTRIBUTE]: type, [SOURCE_ATTRIBUTE]: source, ...own } = attributes;
  return {
    time_unix_nano: time.toString(),
    level: levelOfSeverity(severity),
    type: typeof type === 'string' ? type : 'other',
    source: typeof source === 'string' ? source : 'gateway',
    message,
    attributes: own,
    trace_id: traceId.length === 32 ? traceId : null,
    span_id: spanId.length === 16 ? spanId : null,
  };
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}
