const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
/** Reserved characters (RFC 3986 §2.2) and `%`: they keep their escape, since decoding would change the path's meaning. */
const KEPT = new Set("!*'();:@&=+$,/?#[]%");
const PLAIN = /^\/(?:[A-Za-z0-9\-_~]+(?:\.[A-Za-z0-9\-_~]+)*\/?)*$/;

/**
 * A path as the router matches it: `%XX` decoded except for reserved characters (whose escapes are written in capitals), dot segments
 * removed, runs of `/` merged. `path` has no query.
 */
export function normalizePath(path: string): string {
  if (PLAIN.test(path)) return path;
  return removeDotSegments(path.includes('%') ? decode(path) : path);
}

function decode(path: string): string {
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
  const joined = `/${kept.join('/')}`;
  return joined;
}

/** A path as it is sent on: everything that can't stand in a request target is escaped (bytes, since the path is latin1). */
export function escapePath(path: string): string {
  if (!/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/.test(path)) return path;
  return path.replaceAll(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
