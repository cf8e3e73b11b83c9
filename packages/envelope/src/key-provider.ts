/** Wraps data keys with a key that never leaves it. Every method rejects with `key_unavailable` where that key can't be used. */
export interface KeyProvider {
  /** Wraps a 32-byte data key; `context` has to be the same when it is unwrapped. */
  wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer>;
}
