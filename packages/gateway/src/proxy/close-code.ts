const CLOSE = 8;
const LENGTH_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

/**
 * Finds the code of the close frame in one direction of a WebSocket connection (RFC 6455 §5.2, §7.4) while its bytes pass. Keeps no payload;
 * what is no frame is no error.
 */
export class CloseCodeReader {
  /** Null until a close frame came; 1005 for one that tells no code. */
  code: number | null = null;
  readonly #head = Buffer.alloc(14);
  #headBytes = 0;
  #skipBytes = 0;

  /** The next bytes, a view that may be used again after the call. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.code === null) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, bytes.length - at);
        this.#skipBytes -= skipped;
        at += skipped;
        continue;
      }
      this.#head[this.#headBytes++] = bytes[at++]!;
      this.#onHeadByte();
    }
  }

  #onHeadByte(): void {
    if (this.#headBytes < 2) return;
    const masked = (this.#head[1]! & 0x80) !== 0;
    const short = this.#head[1]! & 0x7f;
    const lengthBytes = LENGTH_BYTES[short] ?? 0;
    const wholeBytes = 2 + lengthBytes + (masked ? 4 : 0);
    if (this.#headBytes < wholeBytes) return;
    const isClose = (this.#head[0]! & 0x0f) === CLOSE;
    if (!isClose) {
      this.#skipBytes =
        lengthBytes === 0
          ? short
          : this.#head.readUIntBE(2 + Math.max(0, lengthBytes - 6), Math.min(6, lengthBytes));
      this.#headBytes = 0;
      return;
    }
    if (short < 2) this.code = 1005;
    else if (this.#headBytes === wholeBytes + 2) {
      const told = this.#head.readUInt16BE(wholeBytes);
      this.code = masked ? told ^ this.#head.readUInt16BE(wholeBytes - 4) : told;
    }
  }
}
