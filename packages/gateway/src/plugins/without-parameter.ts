/** A query without every parameter of that name; the others stay as they are written. */
export function withoutParameter(query: string, name: string): string {
  if (query === '') return query;
  return query
    .split('&')
    .filter((pair) => decoded(pair.split('=', 1)[0]!) !== name)
    .join('&');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
