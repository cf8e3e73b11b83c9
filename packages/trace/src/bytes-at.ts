/** Whether these bytes stand at a place of others, which are long enough. */
export function isAt(known: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[at + index]) return false;
  return true;
}
