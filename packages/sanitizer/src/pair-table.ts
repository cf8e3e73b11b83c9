/** By two bytes, as a `Uint16Array` has them where it lies over a text: what is to be known of them. */
export function pairTable(toValue: (first: number, second: number) => number): Uint8Array {
  const table = new Uint8Array(65_536);
  const bytes = new Uint8Array(2);
  const word = new Uint16Array(bytes.buffer);
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) {
      bytes[0] = first;
      bytes[1] = second;
      table[word[0]!] = toValue(first, second);
    }
  return table;
}
