/** An index in the last two bytes of a span's id, as its second little-endian word has them. */
export function inLastBytes(index: number): number {
  return ((index & 0xff) << 24) | ((index & 0xff00) << 8);
}
