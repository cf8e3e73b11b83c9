import { PHASES, type Phase, ROOT_ATTRIBUTES } from '@gatescope/trace';

/** Spans whose names end in a label: the function for I/O, the plugin for phases. The spans of a plugin's own are called what it likes. */
const LABELLED_IO = ['kong.io.redis.', 'kong.io.socket.'] as const;

/** Spans a record can hold, as small numbers: the index is the kind. */
const FIXED = [
  'kong',
  'kong.tls_handshake',
  'kong.read_client_http_headers',
  'kong.read_client_http_body',
  'kong.router',
  'kong.upstream.selection',
  'kong.dns',
  'kong.upstream.find_upstream',
  'kong.send_request_to_upstream',
  'kong.read_headers_from_upstream',
  'kong.read_body_from_upstream',
  'kong.wait_for_client_read',
  'kong.io.http.request',
  'kong.io.http.connect',
] as const;

/** Kinds of span by number. */
export const SPAN = {
  root: 0,
  tlsHandshake: 1,
  readHeaders: 2,
  readBody: 3,
  router: 4,
  selection: 5,
  dns: 6,
  findUpstream: 7,
  sendRequest: 8,
  readUpstreamHeaders: 9,
  readUpstreamBody: 10,
  waitForClient: 11,
  ioHttpRequest: 12,
  ioHttpConnect: 13,
  ioRedis: 14,
  ioSocket: 15,
} as const;

const LABELLED_BASE = FIXED.length;
const PHASE_BASE = LABELLED_BASE + LABELLED_IO.length;
const PLUGIN_BASE = PHASE_BASE + PHASES.length;
const OWN_BASE = PLUGIN_BASE + PHASES.length;
/** How many kinds of the catalogue there are. */
export const SPAN_KINDS = OWN_BASE;
/** OTLP's number for each kind of span that a plugin may make itself. */
const OWN_OTLP_KINDS = [1, 2, 3, 4, 5] as const;

/** The kind of a span that a plugin's code makes itself; `otlp` is OTLP's number for it, 1 (internal) to 5 (consumer). */
export function ownSpanKind(otlp: (typeof OWN_OTLP_KINDS)[number]): number {
  return OWN_BASE + otlp - 1;
}

/** Whether a span is a plugin's own. */
export function isOwnSpan(kind: number): boolean {
  return kind >= OWN_BASE;
}

/** Whether a span is I/O of a plugin. */
export function isIo(kind: number): boolean {
  return kind >= SPAN.ioHttpRequest && kind <= SPAN.ioSocket;
}

/** The kind of a phase's span. */
export function phaseKind(phase: Phase): number {
  return PHASE_BASE + PHASES.indexOf(phase);
}

/** The kind of a plugin's span in a phase. */
export function pluginKind(phase: Phase): number {
  return PLUGIN_BASE + PHASES.indexOf(phase);
}

/** Name of the span of a kind; `label` is the plugin's name for a plugin's span, the function's for I/O, and the whole name of a plugin's own. */
export function spanName(kind: number, label: string | null): string {
  if (kind < LABELLED_BASE) return FIXED[kind]!;
  if (kind < PHASE_BASE) return `${LABELLED_IO[kind - LABELLED_BASE]}${label ?? ''}`;
  if (kind >= OWN_BASE) return label ?? '';
  if (kind < PLUGIN_BASE) return `kong.phase.${PHASES[kind - PHASE_BASE]}`;
  return `kong.${PHASES[kind - PLUGIN_BASE]}.plugin.${label ?? ''}`;
}

/** OTLP's number for the span kind: SERVER for the root, CLIENT for talk to others, INTERNAL for the rest. */
export function otlpKind(kind: number): 1 | 2 | 3 | 4 | 5 {
  if (kind === SPAN.root) return 2;
  if (kind >= OWN_BASE) return OWN_OTLP_KINDS[kind - OWN_BASE]!;
  if (isIo(kind)) return 3;
  return kind === SPAN.dns || (kind >= SPAN.findUpstream && kind <= SPAN.readUpstreamBody) ? 3 : 1;
}

/** Types of attribute values as they are encoded. */
export type ValueType = 'string' | 'int' | 'double' | 'boolean' | 'kvlist[]';

interface RecordAttribute {
  readonly name: string;
  readonly type: ValueType;
}

const OTHER_ATTRIBUTES = [
  { name: 'proxy.kong.http_headers_count', type: 'int' },
  { name: 'proxy.kong.http_headers_size', type: 'int' },
  { name: 'proxy.kong.router.matched', type: 'boolean' },
  { name: 'proxy.kong.router.route_id', type: 'string' },
  { name: 'proxy.kong.router.service_id', type: 'string' },
  { name: 'proxy.kong.router.upstream_path', type: 'string' },
  { name: 'proxy.kong.router.cache_hit', type: 'boolean' },
  { name: 'proxy.kong.upstream.lb_algorithm', type: 'string' },
  { name: 'proxy.kong.dns.entry', type: 'kvlist[]' },
  { name: 'network.peer.name', type: 'string' },
  { name: 'try_count', type: 'int' },
  { name: 'keepalive', type: 'boolean' },
  { name: 'proxy.kong.plugin.instance_id', type: 'string' },
  { name: 'proxy.kong.plugin.exit_status', type: 'int' },
  { name: 'proxy.kong.plugin.run_count', type: 'int' },
  { name: 'proxy.kong.plugin.run_time', type: 'double' },
  { name: 'gatescope.io.unfinished', type: 'boolean' },
  { name: 'gatescope.websocket.close_code', type: 'int' },
  { name: 'gatescope.truncated_spans', type: 'int' },
] as const satisfies readonly RecordAttribute[];

/** Every attribute a record can hold; the index is the attribute's number. */
export const ATTRIBUTES: readonly RecordAttribute[] = [
  ...ROOT_ATTRIBUTES.map(({ name, type }) => ({ name, type })),
  ...OTHER_ATTRIBUTES,
];

/** By attribute, whether its numbers are told with their fractions. */
export const IS_DOUBLE: readonly boolean[] = ATTRIBUTES.map(({ type }) => type === 'double');

/** The number under which a record holds an attribute that a plugin's own span was given: its value is the pair of name and value. */
export const OWN_ATTRIBUTE = 255;

const NUMBERS = new Map(ATTRIBUTES.map((attribute, index) => [attribute.name, index]));

/** The number of an attribute; throws for a name that is none, at load time. */
export function attribute(name: string): number {
  const number = NUMBERS.get(name);
  if (number === undefined) throw new Error(`no attribute ${name}`);
  return number;
}
