const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
/** Reserved characters (RFC 3986 §2.2) and `%`: they keep their escape, since decoding would change the path's meaning. */
const KEPT = new Set("!*'();:@&=+$,/?#[]%");
const PLAIN = /^\/(?:[A-Za-z0-9\-_~]+(?:\.[A-Za-z0-9\-_~]+)*\/?)*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A path as the router matches it: `%XX` decoded except for reserved characters (whose escapes are written in capitals), dot segments
 * removed, runs of `/` merged. `path` has no query.
 */
export function normalizePath(path: string): string {
  if (PLAIN.test(path)) return path;
  return removeDotSegments(path.includes('%') ? decodeEscapes(path) : path);
}

/** The segments of a normalised path; a slash at its end begins none. */
export function pathSegments(path: string): string[] {
  const segments = path.split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments.slice(1);
}

/** Text whose characters are bytes, read as UTF-8; as it is where that it is not. */
export function textOfBytes(bytes: string): string {
  if (isAscii(bytes) || NO_BYTES.test(bytes)) return bytes;
  const array = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) array[index] = bytes.charCodeAt(index);
  try {
    return utf8.decode(array);
  } catch {
    return bytes;
  }
}

const NO_BYTES = /[^\0-\xff]/;

/** Nearly every text is, so that this is asked for all of them. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function decodeEscapes(path: string): string {
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return KEPT.has(character) && !UNRESERVED.test(character) ? escaped.toUpperCase() : character;
  });
}

function removeDotSegments(path: string): string {
  const parts = path.split('/');
  const kept: string[] = [];
  for (let index = 1; index < parts.length; index++) {
    const part = parts[index]!;
    const last = index === parts.length - 1;
    if (part === '..') {
      kept.pop();
      if (last) kept.push('');
    } else if (part === '.') {
      if (last) kept.push('');
    } else if (part !== '' || last) kept.push(part);
  }
  return `/${kept.join('/')}`;
}
