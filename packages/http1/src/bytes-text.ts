/**
 * Taken once: a look-up through the prototypes of a typed array is not inlined by V8 (11 to 13), and costs as much as the short call
 * behind it.
 */
const { latin1Slice } = Buffer.prototype;

/** The bytes from `from` to before `to` as latin1 text, a character each. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  return latin1Slice.call(bytes, from, to);
}
