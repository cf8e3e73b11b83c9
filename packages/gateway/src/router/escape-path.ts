/** A path as it is sent on: everything that can't stand in a request target is escaped (bytes, since the path is latin1). */
export function escapePath(path: string): string {
  if (!/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/.test(path)) return path;
  return path.replaceAll(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
