import { createHash } from 'node:crypto';

/** Namespace under which Kong derives the ids of entities that a declarative file gives none. */
const NAMESPACE = 'fd02801f-0957-4a15-a53a-c8d9606f30b5';

/** A UUID version 5 (RFC 9562 §5.5) of the name in the namespace. */
export function uuidV5(name: string, namespace: string): string {
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The id of an entity without one: from its kind and what identifies it, so that it does not depend on the file's order. */
export function deterministicId(kind: string, identity: string): string {
  return uuidV5(identity, uuidV5(kind, NAMESPACE));
}
