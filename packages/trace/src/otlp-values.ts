import { ProtoError, type ProtoReader } from './proto-reader.ts';
import type { AttributeValue } from './span.ts';

/** How deep arrays and key-value lists may nest. */
const NESTING_MAX = 8;

/** The attributes among the fields of a message: those under `attributesKey`. Throws {@link ProtoError}. */
export function readAttributes(reader: ProtoReader, attributesKey: number): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === attributesKey) readKeyValue(reader.message(), attributes, 0);
    else reader.skip(key);
  }
  return attributes;
}

/** Reads a KeyValue into a record. Throws {@link ProtoError}. */
export function readKeyValue(reader: ProtoReader, into: Record<string, AttributeValue>, depth: number): void {
  let name = '';
  let value: AttributeValue | undefined;
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) name = reader.string();
    else if (key === 0x12) value = readValue(reader.message(), depth);
    else reader.skip(key);
  }
  if (value === undefined) return;
  if (name === '__proto__')
    Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
  else into[name] = value;
}

/** Reads an AnyValue; undefined where it is empty. Throws {@link ProtoError}. */
export function readValue(reader: ProtoReader, depth: number): AttributeValue | undefined {
  if (depth > NESTING_MAX) throw new ProtoError('attribute nests too deep');
  let value: AttributeValue | undefined;
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) value = reader.string();
    else if (key === 0x10) value = reader.varint() !== 0;
    else if (key === 0x18) value = reader.int64();
    else if (key === 0x21) value = reader.double();
    else if (key === 0x2a) value = readArray(reader.message(), depth + 1);
    else if (key === 0x32) value = readKeyValues(reader.message(), depth + 1);
    else if (key === 0x3a) value = hex(reader.bytes());
    else reader.skip(key);
  }
  return value;
}

function readArray(reader: ProtoReader, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key !== 0x0a) {
      reader.skip(key);
      continue;
    }
    const value = readValue(reader.message(), depth);
    if (value !== undefined) values.push(value);
  }
  return values;
}

function readKeyValues(reader: ProtoReader, depth: number): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) readKeyValue(reader.message(), values, depth);
    else reader.skip(key);
  }
  return values;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index++) text += HEX[bytes[index]!]!;
  return text;
}
