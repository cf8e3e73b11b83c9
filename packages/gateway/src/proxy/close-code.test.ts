import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloseCodeReader } from './close-code.ts';

/** A frame as RFC 6455 §5.2 draws it. */
function frame(opcode: number, payload: Buffer, mask: Buffer | null): Buffer {
  const { length } = payload;
  const long = length > 65_535 ? 127 : length > 125 ? 126 : length;
  const extended = Buffer.alloc(long === 127 ? 8 : long === 126 ? 2 : 0);
  if (long === 127) extended.writeBigUInt64BE(BigInt(length));
  if (long === 126) extended.writeUInt16BE(length);
  const head = Buffer.from([0x80 | opcode, (mask === null ? 0 : 0x80) | long]);
  if (mask === null) return Buffer.concat([head, extended, payload]);
  return Buffer.concat([head, extended, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)]);
}

const close = (code: number, mask: Buffer | null, reason = '') => {
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(8, payload, mask);
};
const MASK = Buffer.from([0xde, 0xad, 0xbe, 0xef]);

describe('CloseCodeReader', () => {
  it.each([
    ['a code', close(1000, null), 1000],
    ['a masked code with a reason', close(4001, MASK, 'bye'), 4001],
    ['no code', frame(8, Buffer.alloc(0), MASK), 1005],
    ['no close frame', frame(1, Buffer.from('hello'), MASK), null],
    ['half a close frame', close(1001, MASK).subarray(0, 7), null],
    ['nothing', Buffer.alloc(0), null],
    ['two close frames', Buffer.concat([close(1001, null), close(1002, null)]), 1001],
  ])('finds %s', (_, bytes, code) => {
    const reader = new CloseCodeReader();
    reader.read(bytes);
    expect(reader.code).toBe(code);
  });

  it('finds it behind any frames, however the bytes are cut', () => {
    const frames = fc.array(
      fc.record({
        opcode: fc.constantFrom(0, 1, 2, 9, 10),
        length: fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536),
        masked: fc.boolean(),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        frames,
        fc.integer({ min: 1_000, max: 4_999 }),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 }),
        (before, code, masked, cuts) => {
          const bytes = Buffer.concat([
            ...before.map((one) => frame(one.opcode, Buffer.alloc(one.length, 8), one.masked ? MASK : null)),
            close(code, masked ? MASK : null, 'why'),
          ]);
          const reader = new CloseCodeReader();
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = cuts[turn % cuts.length]!;
            reader.read(bytes.subarray(at, at + size));
            at += size;
          }
          expect(reader.code).toBe(code);
        },
      ),
      { numRuns: 200 },
    );
  });
});
