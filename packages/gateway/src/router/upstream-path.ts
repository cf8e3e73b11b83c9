/**
 * The path for the upstream: the service's path (`base`) and the request's, joined as `path_handling` says. `prefix` is what the
 * route matched and is taken away where `strip`.
 */
export function upstreamPath(
  path: string,
  prefix: string | null,
  base: string,
  strip: boolean,
  handling: 'v0' | 'v1',
): string {
  const rest = strip && prefix !== null ? dropDots(path.slice(prefix.length)) : path;
  return handling === 'v0' ? joinV0(path, rest, base, strip) : joinV1(rest, base, strip);
}

function joinV0(path: string, rest: string, base: string, strip: boolean): string {
  if (base.endsWith('/')) {
    if (!strip) return base + rest.slice(1);
    if (rest === '') {
      if (base === '/' || path.endsWith('/')) return base;
      return base.slice(0, -1);
    }
    return rest.startsWith('/') ? base + rest.slice(1) : base + rest;
  }
  if (!strip) return rest === '/' ? base : base + rest;
  if (rest === '') return path.length > 1 && path.endsWith('/') ? `${base}/` : base;
  return rest.startsWith('/') ? base + rest : `${base}/${rest}`;
}

function joinV1(rest: string, base: string, strip: boolean): string {
  if (strip) return (base + rest).replaceAll(/\/{2,}/g, '/');
  return base + rest.slice(1);
}

/** What is left after stripping must not climb: `.` and `..` vanish, a leading `./` or `../` too. */
function dropDots(rest: string): string {
  if (rest === '.' || rest === '..') return '';
  if (rest.startsWith('./')) return rest.slice(2);
  return rest.startsWith('../') ? rest.slice(3) : rest;
}
