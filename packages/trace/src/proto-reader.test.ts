import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { ProtoError, ProtoReader } from './proto-reader.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';

const FIELDS = protobuf
  .parse(`
    syntax = "proto3";
    message Fields {
      optional uint64 number = 1;
      optional int64 signed = 2;
      optional double real = 3;
      optional fixed64 wide = 4;
      optional string text = 5;
      optional bytes blob = 6;
      fixed32 unknown = 7;
      Fields child = 8;
    }
  `)
  .root.lookupType('Fields');

/** Passes over a whole message field by field. */
function skipAll(reader: ProtoReader): void {
  while (!reader.isAtEnd) reader.skip(reader.key());
}

describe('ProtoReader', () => {
  it('reads what another implementation writes', () => {
    const fields = fc.record({
      number: fc.maxSafeNat(),
      signed: fc.maxSafeInteger(),
      real: fc.double(),
      wide: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      text: fc.string({ unit: 'binary' }),
      blob: fc.uint8Array(),
    });
    fc.assert(
      fc.property(fields, (message) => {
        const bytes = FIELDS.encode({ ...message, unknown: 7, wide: message.wide.toString() }).finish();
        const reader = new ProtoReader(bytes);
        const read: Record<string, unknown> = {};
        while (!reader.isAtEnd) {
          const key = reader.key();
          if (key === fieldKey(1, 0)) read['number'] = reader.varint();
          else if (key === fieldKey(2, 0)) read['signed'] = reader.int64();
          else if (key === fieldKey(3, 1)) read['real'] = reader.double();
          else if (key === fieldKey(4, 1)) read['wide'] = reader.fixed64();
          else if (key === fieldKey(5, 2)) read['text'] = reader.string();
          else if (key === fieldKey(6, 2)) read['blob'] = new Uint8Array(reader.bytes());
          else reader.skip(key);
        }
        expect(read).toEqual({ ...message });
        expect(() => skipAll(new ProtoReader(bytes))).not.toThrow();
      }),
    );
  });

  it('keeps a byte order mark, and reads bytes that are no UTF-8 as U+FFFD', () => {
    const writer = new ProtoWriter();
    writer.string(fieldKey(5, 2), '\ufeffx');
    writer.bytes(fieldKey(5, 2), Uint8Array.of(0x61, 0xff));
    const reader = new ProtoReader(writer.finish());
    const texts: string[] = [];
    while (!reader.isAtEnd) {
      reader.key();
      texts.push(reader.string());
    }
    expect(texts).toEqual(['\ufeffx', 'a\ufffd']);
  });

  it('reads a nested message and stays within it', () => {
    const bytes = FIELDS.encode({ child: { number: 1, child: { number: 2 } }, text: 'x' }).finish();
    const outer = new ProtoReader(bytes);
    outer.key();
    outer.string();
    expect(outer.key()).toBe(fieldKey(8, 2));
    const inner = outer.message();
    expect([inner.key(), inner.varint()]).toEqual([fieldKey(1, 0), 1]);
    skipAll(inner);
    expect(outer.isAtEnd).toBe(true);
  });

  it('goes into a nested message and on behind it, wherever it was left', () => {
    const bytes = FIELDS.encode({ child: { number: 1, text: 'left' }, text: 'x' }).finish();
    const reader = new ProtoReader(bytes);
    expect([reader.key(), reader.term()]).toEqual([fieldKey(5, 2), 'x']);
    expect(reader.key()).toBe(fieldKey(8, 2));
    const outer = reader.enter();
    expect([reader.key(), reader.varint(), reader.isAtEnd]).toEqual([fieldKey(1, 0), 1, false]);
    reader.leave(outer);
    expect(reader.isAtEnd).toBe(true);
    const long = new ProtoReader(Uint8Array.of(2, 5, 1, 1));
    const whole = long.enter();
    expect(() => long.string()).toThrow('message ends early');
    long.leave(whole);
    expect([long.varint(), long.isAtEnd]).toEqual([1, true]);
    expect(() => new ProtoReader(Uint8Array.of(2, 5)).enter()).toThrow('message ends early');
  });

  it('reads within the bounds it is given', () => {
    const reader = new ProtoReader(Uint8Array.of(1, 2, 3, 4), 1, 3);
    expect([reader.varint(), reader.varint(), reader.isAtEnd]).toEqual([2, 3, true]);
    expect(() => reader.varint()).toThrow(ProtoError);
    expect(() => new ProtoReader(new Uint8Array(16), 0, 7).fixed64()).toThrow('message ends early');
  });

  it.each<[string, readonly number[], (reader: ProtoReader) => unknown]>([
    ['a varint that ends early', [0x80], (reader) => reader.varint()],
    ['a varint of eleven bytes', Array(11).fill(0x80), (reader) => reader.varint()],
    ['an int64 of eleven bytes', Array(11).fill(0x80), (reader) => reader.int64()],
    ['a double that ends early', [1, 2, 3], (reader) => reader.double()],
    ['a fixed64 that ends early', [1, 2, 3], (reader) => reader.fixed64()],
    ['a length beyond the end', [0x05, 0x61], (reader) => reader.string()],
    ['a length beyond 2^63', [...Array(9).fill(0xff), 0x7f], (reader) => reader.bytes()],
    ['a group', [0x0b, 0x0c], skipAll],
    ['an unknown wire type', [0x0f], skipAll],
    ['a fixed32 that ends early', [0x0d, 1], skipAll],
  ])('refuses %s', (_, bytes, read) => {
    expect(() => read(new ProtoReader(Uint8Array.from(bytes)))).toThrow(ProtoError);
  });

  it('comes to an end on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          skipAll(new ProtoReader(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
