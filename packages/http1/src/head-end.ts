const LF = 10;
const CR = 13;

/**
 * The offset just behind the empty line that ends a head beginning at `from`, or -1 while it has not come. Looks for CRLF CRLF
 * alone: a bare LF never ends a head.
 */
export function headEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf('\r\n\r\n', from, 'latin1');
  return at < 0 ? -1 : at + 4;
}

/** Whether an unfinished head already holds a line feed that no carriage return precedes: it can't become valid any more. */
export function hasBareLineFeed(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at === from || bytes[at - 1] !== CR) return true;
  }
  return false;
}
