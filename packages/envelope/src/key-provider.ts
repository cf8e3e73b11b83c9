/** A data key as its maker gets it: to use, and wrapped to be stored. */
export interface NewDataKey {
  readonly dataKey: Buffer;
  readonly wrapped: Uint8Array;
}

/**
 * A key that never leaves the place it is kept in, and wraps the data keys of sessions. `context` is bound to what is wrapped: the same has
 * to be given to open it. Every method rejects with a `KeyError`, whose message says which key it is and how to mend it.
 *
 * To add a place: implement this in a file of its own, name it in `openKey`, and run the tests in `key-provider.test.ts` over it.
 */
export interface KeyProvider {
  /** A new data key of 32 random bytes. */
  generateDataKey(context: Uint8Array): Promise<NewDataKey>;
  /** The data key; wrapped by this version of the key or by an earlier one. */
  unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer>;
  /** The same data key, wrapped by the version in force. */
  rewrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** Makes a new version of the key; those before keep opening what they wrapped. Answers the configuration to keep. */
  rotate(): Promise<KeyConfig>;
  /** Resolves where the key can be used. */
  describe(): Promise<KeyDescription>;
}

export interface KeyDescription {
  /** Where the key is and which version is in force. */
  readonly summary: string;
}

/** How to reach a key; holds no secret. `version` is that in force, of keys whose versions are ours to name. */
export interface KeyConfig {
  readonly [field: string]: string | undefined;
  readonly version?: string;
}
