const LF = 10;
const CR = 13;

/**
 * The offset just behind the empty line that ends a head beginning at `from`, or -1 while it has not come. Looks for CRLF CRLF
 * alone: a bare LF never ends a head.
 */
export function headEnd(bytes: Buffer, from: number): number {
  // Of most text only every fourth byte is looked at: what is neither CR nor LF can't be one of the four.
  for (let at = from + 3; at < bytes.length; ) {
    const byte = bytes[at]!;
    if (byte === CR) at += 1;
    else if (byte !== LF) at += 4;
    else if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
    else at += 2;
  }
  return -1;
}

/** Whether an unfinished head already holds a line feed that no carriage return precedes: it can't become valid any more. */
export function hasBareLineFeed(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at === from || bytes[at - 1] !== CR) return true;
  }
  return false;
}
