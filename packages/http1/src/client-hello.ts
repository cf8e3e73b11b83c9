const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** A walk through bytes; beyond their end everything is 0. */
class Walk {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** A number of so many bytes. */
  number(bytes: number): number {
    let value = 0;
    for (let index = 0; index < bytes; index++) value = value * 256 + (this.#bytes[this.at++] ?? 0);
    return value;
  }

  /** Passes a vector whose length has so many bytes. */
  pass(lengthBytes: number): void {
    const length = this.number(lengthBytes);
    this.at += length;
  }
}

/**
 * The server name that the first bytes of a connection ask for (RFC 6066 §3); null: none, or no ClientHello that lies whole in them. For
 * sessions that are resumed by TLS 1.2, whose name OpenSSL does not tell.
 */
export function serverNameIn(first: Buffer): string | null {
  const walk = new Walk(first, 0);
  if (walk.number(1) !== HANDSHAKE_RECORD) return null;
  // The record's version and length.
  walk.at += 4;
  if (walk.number(1) !== CLIENT_HELLO) return null;
  // The message's length, the version and the random bytes.
  walk.at += 3 + 2 + 32;
  walk.pass(1);
  walk.pass(2);
  walk.pass(1);
  const extensionsBytes = walk.number(2);
  const end = Math.min(first.length, walk.at + extensionsBytes);
  while (walk.at + 4 <= end) {
    const type = walk.number(2);
    const length = walk.number(2);
    const next = walk.at + length;
    if (type === SERVER_NAME && next <= end) {
      walk.at += 2;
      if (walk.number(1) !== HOST_NAME) return null;
      const nameBytes = walk.number(2);
      if (nameBytes === 0 || walk.at + nameBytes > next) return null;
      const name = first.latin1Slice(walk.at, walk.at + nameBytes);
      return /^[\w.-]+$/.test(name) ? name : null;
    }
    walk.at = next;
  }
  return null;
}
