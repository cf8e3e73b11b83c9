/**
 * Taken once: a look-up through the prototypes of a typed array is not inlined by V8 (11 to 13), and costs as much as the short call
 * behind it.
 */
const { latin1Slice, latin1Write } = Buffer.prototype;

/** The bytes from `from` to before `to` as latin1 text, a character each. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  return latin1Slice.call(bytes, from, to);
}

/** Writes latin1 text into `bytes` from `at` on, where there has to be room for it; answers how many bytes that were. */
export function putText(bytes: Buffer, at: number, text: string): number {
  return latin1Write.call(bytes, text, at, text.length);
}
