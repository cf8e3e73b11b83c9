import type { FoundSecret } from './mark-value.ts';

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const SPACE = 0x20;

/** RFC 6265, 5.2, and what browsers added: attributes of Set-Cookie, whose values are no secrets. */
const ATTRIBUTES = new Set([
  'domain',
  'expires',
  'httponly',
  'max-age',
  'partitioned',
  'path',
  'priority',
  'samesite',
  'secure',
]);

/** Marks the values of `name=value; name=value`; of Set-Cookie, all but those of the attributes that follow the first pair. */
export function markCookies(
  bytes: Uint8Array,
  start: number,
  end: number,
  rule: string,
  found: FoundSecret,
): void {
  const hasAttributes = rule === 'name:set-cookie';
  for (let at = start; at < end; ) {
    while (at < end && bytes[at] === SPACE) at++;
    let stop = at;
    let equals = -1;
    for (; stop < end && bytes[stop] !== SEMICOLON; stop++)
      if (equals < 0 && bytes[stop] === EQUALS) equals = stop;
    const name = String.fromCharCode(...bytes.subarray(at, Math.min(equals < 0 ? stop : equals, at + 32)));
    const isAttribute = hasAttributes && at > start && ATTRIBUTES.has(name.trim().toLowerCase());
    // A pair without a name is a value.
    if (!isAttribute && stop > equals + 1) found(equals < 0 ? at : equals + 1, stop, rule, false);
    at = stop + 1;
  }
}
