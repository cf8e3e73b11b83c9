import { randomBytes } from 'node:crypto';
import { KEY_BYTES, open, seal } from './aes-gcm.ts';

/** What a sealed value is; part of what is authenticated, so that no value can stand in for another. */
export type SealedKind = 'spans' | 'summary' | 'logs' | 'payload' | 'skeleton';

/** Where a sealed value belongs. */
export interface SealedPlace {
  readonly organisation: string;
  readonly session: string;
  /** Id of the trace; empty for what belongs to the session as a whole. */
  readonly trace: string;
  readonly kind: SealedKind;
}

/** A new data key. */
export function newDataKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** Seals a value with a session's data key, bound to its place. */
export function sealAt(place: SealedPlace, dataKey: Uint8Array, plain: Uint8Array): Buffer {
  return seal(dataKey, plain, contextOf(place));
}

/** Opens a value sealed at the same place. Throws where anything differs. */
export function openAt(place: SealedPlace, dataKey: Uint8Array, sealed: Uint8Array): Buffer {
  return open(dataKey, sealed, contextOf(place));
}

/** The context a session's data key is wrapped with. */
export function dataKeyContext(organisation: string, session: string): Uint8Array {
  return encode(['gatescope data key', organisation, session]);
}

function contextOf({ organisation, session, trace, kind }: SealedPlace): Uint8Array {
  return encode(['gatescope value', organisation, session, trace, kind]);
}

/** JSON keeps the parts apart: no two lists give the same bytes. */
function encode(parts: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(parts));
}
