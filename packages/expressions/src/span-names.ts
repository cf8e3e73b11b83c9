/** Characters of a span's name in a rule, at most. */
export const SPAN_NAME_CHARACTERS_MAX = 200;

/** Names of the spans a trace can have; `*` stands for a plugin's name, a client's, a function's. */
export const SPAN_NAMES: readonly string[] = [
  'kong',
  'kong.tls_handshake',
  'kong.phase.certificate',
  'kong.certificate.plugin.*',
  'kong.read_client_http_headers',
  'kong.read_client_http_body',
  'kong.phase.rewrite',
  'kong.rewrite.plugin.*',
  'kong.router',
  'kong.phase.access',
  'kong.access.plugin.*',
  'kong.io.*',
  'kong.upstream.selection',
  'kong.dns',
  'kong.upstream.find_upstream',
  'kong.send_request_to_upstream',
  'kong.read_headers_from_upstream',
  'kong.read_body_from_upstream',
  'kong.phase.response',
  'kong.response.plugin.*',
  'kong.phase.header_filter',
  'kong.header_filter.plugin.*',
  'kong.phase.body_filter',
  'kong.body_filter.plugin.*',
  'kong.wait_for_client_read',
  'kong.phase.log',
  'kong.log.plugin.*',
];

/** Whether some span can have a name that the pattern, in which `*` stands for any characters, takes. */
export function canNameSpan(pattern: string): boolean {
  return SPAN_NAMES.some((name) => haveCommonText(pattern, name));
}

/** A test of names against a pattern in which `*` stands for any characters. Takes time in proportion to the name. */
export function spanNameTest(pattern: string): (name: string) => boolean {
  const pieces = pattern.split('*');
  if (pieces.length === 1) return (name) => name === pattern;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const between = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false;
    let at = first.length;
    const end = name.length - last.length;
    for (const piece of between) {
      const found = name.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** Whether some text suits both patterns. */
function haveCommonText(one: string, other: string): boolean {
  // reached[at]: what has been read of the one can also have been read as `at` characters of the other.
  let reached = startsOf(other);
  for (const sign of one) {
    const next = new Array<boolean>(other.length + 1).fill(false);
    for (let at = 0; at <= other.length; at++) {
      if (sign === '*') {
        if (reached[at]! || (at > 0 && next[at - 1]!)) next[at] = true;
        continue;
      }
      if (!reached[at]!) continue;
      if (other[at] === '*') next[at] = true;
      else if (other[at] === sign) next[at + 1] = true;
    }
    reached = skipStars(next, other);
  }
  return reached[other.length]!;
}

function startsOf(pattern: string): boolean[] {
  const starts = new Array<boolean>(pattern.length + 1).fill(false);
  starts[0] = true;
  return skipStars(starts, pattern);
}

/** A star may stand for nothing. */
function skipStars(reached: boolean[], pattern: string): boolean[] {
  for (let at = 0; at < pattern.length; at++) if (reached[at]! && pattern[at] === '*') reached[at + 1] = true;
  return reached;
}
