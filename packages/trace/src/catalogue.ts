import type { SpanKindName } from './span.ts';

/** How an attribute's value travels: OTLP's AnyValue types, `kvlist[]` being an array of key-value lists. */
export type AttributeType = 'string' | 'int' | 'double' | 'boolean' | 'kvlist[]';

/** An attribute a span can have. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly unit?: 'ms' | 'By';
  readonly description: string;
}

/** A span the gateway makes. `<plugin>`, `<client>` and `<function>` in a name stand for what is filled in. */
export interface SpanDefinition {
  readonly name: string;
  /** Name of the parent span; null for the root. */
  readonly parent: string | null;
  readonly kind: SpanKindName;
  /** When a trace has this span. */
  readonly when: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

const string = (name: string, description: string): AttributeDefinition => ({
  name,
  type: 'string',
  description,
});
const int = (name: string, description: string): AttributeDefinition => ({ name, type: 'int', description });
const bytes = (name: string, description: string): AttributeDefinition => ({
  name,
  type: 'int',
  unit: 'By',
  description,
});
const ms = (name: string, description: string): AttributeDefinition => ({
  name,
  type: 'double',
  unit: 'ms',
  description,
});
const boolean = (name: string, description: string): AttributeDefinition => ({
  name,
  type: 'boolean',
  description,
});
const records = (name: string, description: string): AttributeDefinition => ({
  name,
  type: 'kvlist[]',
  description,
});

/** Attributes of the root span, in the order they are shown. */
export const ROOT_ATTRIBUTES: readonly AttributeDefinition[] = [
  string('url.full', 'URL the client asked for, without its query'),
  string(
    'client.address',
    'Address of the client; a trusted proxy in front of the gateway is looked through',
  ),
  int('client.port', 'Port of the client; a trusted proxy in front of the gateway is looked through'),
  string('network.peer.address', 'Address of whoever opened the connection to the gateway'),
  int('network.peer.port', 'Port of whoever opened the connection to the gateway'),
  string('server.address', 'Name or address of the gateway that the client used'),
  int('server.port', 'Port of the gateway that the client used'),
  string('network.protocol.name', 'Application protocol: http, ws, grpc'),
  string('http.request.method', 'Request method'),
  bytes('http.request.body.size', 'Size of the request body as it was received'),
  bytes('http.request.size', 'Size of the request: head and body'),
  bytes('http.response.body.size', 'Size of the response body as it was sent'),
  bytes('http.response.size', 'Size of the response: head and body'),
  string('proxy.kong.request.id', 'Id of the request, sent as X-Kong-Request-Id both ways'),
  ms('proxy.kong.request.time', 'From the first byte of the request to the last byte of the response'),
  string('url.scheme', 'http or https'),
  string('network.protocol.version', 'HTTP version the client spoke'),
  string('tls.client.server_name', 'Server name the client asked for in its handshake'),
  string(
    'http.request.header.host',
    'Host field as received; it may differ from the server name of the handshake',
  ),
  string('proxy.kong.consumer_id', 'Id of the consumer that authenticated'),
  string('proxy.kong.upstream_id', 'Id of the upstream entity the service resolved to'),
  int('proxy.kong.upstream_status_code', 'Status the upstream answered'),
  int('http.response.status_code', 'Status the gateway sent; 499 where the client left before it'),
  ms(
    'proxy.kong.latency.upstream',
    'From the selection of an upstream, connecting included, to the last byte of its response',
  ),
  ms('proxy.kong.latency.total', 'From the first byte in to the last byte out'),
  ms(
    'proxy.kong.latency.internal',
    "The gateway's own time: neither client, nor upstream, nor I/O of plugins",
  ),
  records(
    'proxy.kong.latency.net_io_timings',
    'I/O of plugins, one entry each: ip, connect_time, rw_time (ms)',
  ),
  boolean('proxy.kong.client_KA', 'Whether the request came on a connection that had served one before'),
  boolean('tls.resumed', 'Whether the handshake resumed an earlier session'),
  string('tls.client.subject', "Distinguished name of the client's certificate"),
  string('tls.server.subject', 'Distinguished name of the certificate the gateway showed'),
  string('tls.cipher', 'Cipher suite agreed on'),
];

const INSTANCE = string('proxy.kong.plugin.instance_id', 'Id of the plugin entity that ran');

/** The phases in which plugins run, by the name they have in spans. */
export const PHASES = [
  'certificate',
  'rewrite',
  'access',
  'response',
  'header_filter',
  'body_filter',
  'log',
] as const;
export type Phase = (typeof PHASES)[number];

function phase(name: Phase, parent: string, when: string, does: string): readonly SpanDefinition[] {
  return [
    {
      name: `kong.phase.${name}`,
      parent,
      kind: 'INTERNAL',
      when,
      description: `The ${name} phase: ${does}`,
      attributes: [],
    },
    {
      name: `kong.${name}.plugin.<plugin>`,
      parent: `kong.phase.${name}`,
      kind: 'INTERNAL',
      when: 'per plugin that runs in the phase',
      description: `One plugin at work in the ${name} phase`,
      attributes: [INSTANCE],
    },
  ];
}

/** Every span the gateway can make. */
export const CATALOGUE: readonly SpanDefinition[] = [
  {
    name: 'kong',
    parent: null,
    kind: 'SERVER',
    when: 'every trace',
    description:
      'The whole request, from its first byte (or that of the connection’s handshake) to the last byte of the response',
    attributes: ROOT_ATTRIBUTES,
  },
  {
    name: 'kong.tls_handshake',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'first request on a TLS connection',
    description: 'The TLS handshake with the client; a slow client makes it long',
    attributes: [],
  },
  ...phase(
    'certificate',
    'kong.tls_handshake',
    'first request on a TLS connection',
    'the certificate is chosen and plugins may judge the client’s',
  ),
  {
    name: 'kong.read_client_http_headers',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'every trace',
    description: 'Reading the head of the request; long where the client or its network is slow',
    attributes: [
      int('proxy.kong.http_headers_count', 'Header fields the client sent'),
      bytes('proxy.kong.http_headers_size', 'Size of the head the client sent'),
    ],
  },
  {
    name: 'kong.read_client_http_body',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'requests with a body',
    description:
      'Reading the body of the request to its last byte; long where the client is slow or the body is large',
    attributes: [],
  },
  ...phase('rewrite', 'kong', 'every trace', 'global plugins run before a route is chosen'),
  {
    name: 'kong.router',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'every trace',
    description: 'Choosing the route',
    attributes: [
      boolean('proxy.kong.router.matched', 'Whether a route matched'),
      string('proxy.kong.router.route_id', 'Id of the route that matched'),
      string('proxy.kong.router.service_id', 'Id of the service of that route'),
      string('proxy.kong.router.upstream_path', 'Path the upstream is asked for'),
      boolean('proxy.kong.router.cache_hit', 'Whether the answer came from the router’s cache'),
    ],
  },
  ...phase('access', 'kong', 'a route matched', 'plugins decide whether and how the request goes on'),
  {
    name: 'kong.upstream.selection',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'the request is proxied',
    description: 'Finding an upstream that takes the request, over all attempts',
    attributes: [
      string('proxy.kong.upstream.lb_algorithm', 'Load-balancing algorithm that chose the targets'),
    ],
  },
  {
    name: 'kong.dns',
    parent: 'kong.upstream.selection',
    kind: 'CLIENT',
    when: 'a name was looked up (cache hits included, marked in the entry)',
    description: 'Looking up a name; below a kong.io span where a plugin’s I/O caused it',
    attributes: [
      records(
        'proxy.kong.dns.entry',
        'Each attempt with its answer, or its error, and whether the cache had it',
      ),
    ],
  },
  {
    name: 'kong.upstream.find_upstream',
    parent: 'kong.upstream.selection',
    kind: 'CLIENT',
    when: 'per attempt',
    description: 'One attempt at one target; the successful one ends when its connection is there',
    attributes: [
      string('network.peer.address', 'Address of the target'),
      string('network.peer.name', 'Name of the target'),
      int('network.peer.port', 'Port of the target'),
      int('try_count', 'Number of the attempt, from 1'),
      boolean('keepalive', 'Whether an idle connection was used'),
    ],
  },
  {
    name: 'kong.send_request_to_upstream',
    parent: 'kong',
    kind: 'CLIENT',
    when: 'an upstream connection was had',
    description: 'Writing the request, head and body, to the upstream',
    attributes: [],
  },
  {
    name: 'kong.read_headers_from_upstream',
    parent: 'kong',
    kind: 'CLIENT',
    when: 'the request was sent',
    description: 'Waiting for the upstream’s answer, to the end of its head',
    attributes: [],
  },
  {
    name: 'kong.read_body_from_upstream',
    parent: 'kong',
    kind: 'CLIENT',
    when: 'the response has a body',
    description: 'Reading the body of the upstream’s answer',
    attributes: [],
  },
  ...phase(
    'response',
    'kong',
    'some plugin implements the response phase and the route has response_buffering true (the default); the response is then buffered',
    'plugins see the whole response before the client does',
  ),
  ...phase('header_filter', 'kong', 'a response is sent', 'plugins change the head of the response'),
  ...phase(
    'body_filter',
    'kong',
    'a response with a body is sent',
    'plugins change the body of the response, piece by piece',
  ),
  {
    name: 'kong.wait_for_client_read',
    parent: 'kong',
    kind: 'INTERNAL',
    when: 'a response is sent',
    description: 'Getting the response off to the client; long where the client reads slowly',
    attributes: [],
  },
  ...phase(
    'log',
    'kong',
    'some plugin implements the log phase',
    'plugins look back; begins after the response and is no part of the root’s duration',
  ),
  {
    name: 'kong.io.<client>.<function>',
    parent: 'the span that was open when the I/O began',
    kind: 'CLIENT',
    when: 'I/O made by a plugin or by the gateway while it handles the request',
    description: 'Network I/O of a plugin: http.request, http.connect, redis.<command>, socket.<function>',
    attributes: [
      string('network.peer.address', 'Address of the peer'),
      string('network.protocol.name', 'Protocol spoken'),
    ],
  },
];

/** The definition that a span's name belongs to, or undefined. */
export function definitionOf(name: string): SpanDefinition | undefined {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return exact;
  const plugin = /^kong\.([a-z_]+)\.plugin\./.exec(name);
  if (plugin !== null) return BY_NAME.get(`kong.${plugin[1]}.plugin.<plugin>`);
  return name.startsWith('kong.io.') ? BY_NAME.get('kong.io.<client>.<function>') : undefined;
}

const BY_NAME: ReadonlyMap<string, SpanDefinition> = new Map(
  CATALOGUE.map((definition) => [definition.name, definition]),
);
