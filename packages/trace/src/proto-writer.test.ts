import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { fieldKey, ProtoWriter } from './proto-writer.ts';

const MESSAGE = protobuf
  .parse(`
    syntax = "proto3";
    message Everything {
      uint64 number = 1;
      int64 signed = 2;
      bool flag = 3;
      double real = 4;
      fixed64 wide = 5;
      string text = 6;
      bytes blob = 7;
      repeated Everything children = 1000;
    }
  `)
  .root.lookupType('Everything');

interface Everything {
  readonly number: number;
  readonly signed: number;
  readonly flag: boolean;
  readonly real: number;
  readonly wide: bigint;
  readonly text: string;
  readonly blob: Uint8Array;
  readonly children: readonly Everything[];
}

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('é', 'a'), minLength: 120, maxLength: 140 }),
);
const everything = fc.letrec<{ message: Everything }>((tie) => ({
  message: fc.record({
    number: fc.maxSafeNat(),
    signed: fc.maxSafeInteger(),
    flag: fc.boolean(),
    real: fc.double(),
    wide: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    text,
    blob: fc.uint8Array({ maxLength: 300 }),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('message'), { maxLength: 3 })),
  }),
})).message;

function write(writer: ProtoWriter, message: Everything): void {
  writer.varint(fieldKey(1, 0), message.number);
  writer.int64(fieldKey(2, 0), message.signed);
  writer.bool(fieldKey(3, 0), message.flag);
  writer.double(fieldKey(4, 1), message.real);
  writer.fixed64(fieldKey(5, 1), Number(message.wide >> 32n), Number(message.wide & 0xffff_ffffn));
  writer.string(fieldKey(6, 2), message.text);
  writer.bytes(fieldKey(7, 2), message.blob);
  for (const child of message.children) {
    const mark = writer.begin(fieldKey(1_000, 2));
    write(writer, child);
    writer.end(mark);
  }
}

function decode(bytes: Uint8Array): unknown {
  return MESSAGE.toObject(MESSAGE.decode(bytes), { longs: String, bytes: Array, defaults: true });
}

function asDecoded(message: Everything): unknown {
  return {
    ...message,
    number: String(message.number),
    signed: String(message.signed),
    wide: String(message.wide),
    blob: [...message.blob],
    children: message.children.map(asDecoded),
  };
}

describe('ProtoWriter', () => {
  it('writes what another implementation reads', () => {
    const writer = new ProtoWriter(1);
    fc.assert(
      fc.property(everything, (message) => {
        writer.reset();
        write(writer, message);
        const bytes = writer.finish();
        expect(bytes.length).toBe(writer.length);
        expect(decode(bytes)).toEqual(asDecoded(message));
      }),
    );
  });

  it('writes U+FFFD for half a surrogate pair', () => {
    const writer = new ProtoWriter();
    writer.string(fieldKey(6, 2), 'a\ud800b');
    expect(decode(writer.finish())).toMatchObject({ text: 'a\ufffdb' });
  });

  it('takes bytes encoded before', () => {
    const inner = new ProtoWriter();
    inner.string(fieldKey(6, 2), 'kept');
    const writer = new ProtoWriter(0);
    writer.raw(inner.finish());
    expect(decode(writer.finish())).toMatchObject({ text: 'kept' });
  });

  it('gives a copy: what is written after it does not change it', () => {
    const writer = new ProtoWriter();
    writer.string(fieldKey(6, 2), 'first');
    const first = writer.finish();
    writer.reset();
    writer.string(fieldKey(6, 2), 'other');
    expect(decode(first)).toMatchObject({ text: 'first' });
  });

  it.each([2 ** 14, 2 ** 21 - 8, 2 ** 21, 2 ** 22])(
    'nests messages of about %i bytes, one after the other and in one another',
    (size) => {
      const blob = new Uint8Array(size).fill(7);
      const writer = new ProtoWriter();
      const outer = writer.begin(fieldKey(1_000, 2));
      for (let count = 0; count < 2; count++) {
        const inner = writer.begin(fieldKey(1_000, 2));
        writer.bytes(fieldKey(7, 2), blob);
        writer.end(inner);
      }
      writer.string(fieldKey(6, 2), 'after');
      writer.end(outer);
      const message = MESSAGE.decode(writer.finish()) as unknown as Everything;
      const [child] = message.children;
      expect(child!.text).toBe('after');
      expect(child!.children.map((one) => Buffer.compare(one.blob, blob))).toEqual([0, 0]);
    },
  );
});
