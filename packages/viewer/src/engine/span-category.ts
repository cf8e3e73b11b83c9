/** What a span is about; each has one colour everywhere. */
export const SPAN_CATEGORIES = [
  'gateway',
  'client',
  'router',
  'plugin',
  'io',
  'dns',
  'connect',
  'upstream',
] as const;
export type SpanCategory = (typeof SPAN_CATEGORIES)[number];

/** How a category is called on the page. */
export const CATEGORY_LABELS: Readonly<Record<SpanCategory, string>> = {
  gateway: 'Gateway',
  client: 'Client',
  router: 'Router',
  plugin: 'Plugin',
  io: 'External I/O',
  dns: 'DNS',
  connect: 'Connect',
  upstream: 'Upstream',
};

const EXACT: ReadonlyMap<string, SpanCategory> = new Map(
  Object.entries({
    'kong.tls_handshake': 'client',
    'kong.read_client_http_headers': 'client',
    'kong.read_client_http_body': 'client',
    'kong.wait_for_client_read': 'client',
    'kong.router': 'router',
    'kong.dns': 'dns',
    'kong.upstream.selection': 'connect',
    'kong.upstream.find_upstream': 'connect',
    'kong.send_request_to_upstream': 'upstream',
    'kong.read_headers_from_upstream': 'upstream',
    'kong.read_body_from_upstream': 'upstream',
  } as const),
);

/** The category of a span by its name; a span nobody knows (a plugin author's own) counts as plugin work. */
export function categoryOf(name: string): SpanCategory {
  const exact = EXACT.get(name);
  if (exact !== undefined) return exact;
  if (name === 'kong' || name.startsWith('kong.phase.')) return 'gateway';
  if (name.startsWith('kong.io.')) return 'io';
  return 'plugin';
}

/** Phase and name of the plugin that a span belongs to; null for any other span. */
export function pluginOfSpan(name: string): { readonly phase: string; readonly plugin: string } | null {
  const match = /^kong\.([a-z_]+)\.plugin\.(.+)$/.exec(name);
  return match === null ? null : { phase: match[1]!, plugin: match[2]! };
}

/** The phase that a span stands for; null for any other span. */
export function phaseOfSpan(name: string): string | null {
  return name.startsWith('kong.phase.') ? name.slice('kong.phase.'.length) : null;
}
