import { ProtoError, type ProtoReader } from './proto-reader.ts';
import type { AttributeValue } from './span.ts';

/** How deep arrays and key-value lists may nest. */
const NESTING_MAX = 8;
/** The fields of an AnyValue. */
const VALUE_KEYS: readonly number[] = [0x0a, 0x10, 0x18, 0x21, 0x2a, 0x32, 0x3a];

/** The attributes among the fields of a message: those under `attributesKey`. Throws {@link ProtoError}. */
export function readAttributes(reader: ProtoReader, attributesKey: number): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === attributesKey) readKeyValue(reader, attributes, 0);
    else reader.skip(key);
  }
  return attributes;
}

/** Reads a KeyValue, a field of the message that is being read, into a record. Throws {@link ProtoError}. */
export function readKeyValue(reader: ProtoReader, into: Record<string, AttributeValue>, depth: number): void {
  let name = '';
  let value: AttributeValue | undefined;
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) name = reader.term();
    else if (key === 0x12) value = readValue(reader, depth);
    else reader.skip(key);
  }
  reader.leave(outer);
  if (value === undefined) return;
  if (name === '__proto__')
    Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
  else into[name] = value;
}

/** Reads an AnyValue, a field of the message that is being read; undefined where it is empty. Throws {@link ProtoError}. */
export function readValue(reader: ProtoReader, depth: number): AttributeValue | undefined {
  const outer = reader.enter();
  if (depth > NESTING_MAX) throw new ProtoError('attribute nests too deep');
  let value: AttributeValue | undefined;
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) value = reader.string();
    else if (key === 0x10) value = reader.varint() !== 0;
    else if (key === 0x18) value = reader.int64();
    else if (key === 0x21) value = reader.double();
    else if (key === 0x2a) value = readArray(reader, depth + 1);
    else if (key === 0x32) value = readKeyValues(reader, depth + 1);
    else if (key === 0x3a) value = hex(reader.bytes());
    else reader.skip(key);
  }
  reader.leave(outer);
  return value;
}

function readArray(reader: ProtoReader, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key !== 0x0a) {
      reader.skip(key);
      continue;
    }
    const value = readValue(reader, depth);
    if (value !== undefined) values.push(value);
  }
  reader.leave(outer);
  return values;
}

function readKeyValues(reader: ProtoReader, depth: number): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) readKeyValue(reader, values, depth);
    else reader.skip(key);
  }
  reader.leave(outer);
  return values;
}

/**
 * Passes over a KeyValue, a field of the message that is being read, and refuses it as {@link readKeyValue} does. Answers whether it has a
 * value and this key, which is given as it is encoded. Throws {@link ProtoError}.
 */
export function passKeyValue(reader: ProtoReader, depth: number, name: Uint8Array): boolean {
  let isNamed = false;
  let isSet = false;
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key === 0x0a) isNamed = reader.passIs(name);
    else if (key === 0x12) isSet = passValue(reader, depth);
    else reader.skip(key);
  }
  reader.leave(outer);
  return isSet && isNamed;
}

/** Passes over an AnyValue; answers whether there is one in it. */
function passValue(reader: ProtoReader, depth: number): boolean {
  const outer = reader.enter();
  if (depth > NESTING_MAX) throw new ProtoError('attribute nests too deep');
  let isSet = false;
  while (!reader.isAtEnd) {
    const key = reader.key();
    isSet ||= VALUE_KEYS.includes(key);
    if (key === 0x2a || key === 0x32) passEach(reader, depth + 1, key === 0x32);
    else reader.skip(key);
  }
  reader.leave(outer);
  return isSet;
}

/** Passes over an ArrayValue or a KeyValueList. */
function passEach(reader: ProtoReader, depth: number, areKeyValues: boolean): void {
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    const key = reader.key();
    if (key !== 0x0a) reader.skip(key);
    else if (areKeyValues) passKeyValue(reader, depth, NO_NAME);
    else passValue(reader, depth);
  }
  reader.leave(outer);
}

const NO_NAME = new Uint8Array(0);

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index++) text += HEX[bytes[index]!]!;
  return text;
}
