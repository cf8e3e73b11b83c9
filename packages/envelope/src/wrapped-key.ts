import { KeyError } from './key-error.ts';

/** First byte of a wrapped data key that names the version of its key. */
const FORMAT = 2;
const VERSION_BYTES_MAX = 64;
/** What was wrapped before versions had names begins with the format of the sealed value itself. */
const UNNAMED = 1;

/** A wrapped data key with the version of the key that wrapped it in front. */
export function withVersion(version: string, sealed: Uint8Array): Buffer {
  const name = Buffer.from(version, 'latin1');
  if (name.length === 0 || name.length > VERSION_BYTES_MAX) throw new Error('no version of a key');
  return Buffer.concat([Buffer.of(FORMAT, name.length), name, sealed]);
}

/** The version and the rest. Throws `corrupt`. */
export function readVersion(wrapped: Uint8Array): { version: string; sealed: Uint8Array } {
  if (wrapped[0] === UNNAMED) return { version: '1', sealed: wrapped };
  const length = wrapped[1] ?? 0;
  if (wrapped[0] !== FORMAT || length === 0 || length > VERSION_BYTES_MAX || wrapped.length < 2 + length)
    throw new KeyError('corrupt', 'what is stored is no wrapped data key');
  return {
    version: Buffer.from(wrapped.subarray(2, 2 + length)).toString('latin1'),
    sealed: wrapped.subarray(2 + length),
  };
}
