import type { Quantity } from './units.ts';

/** When a field's value is known; in the order of a request's life. */
export const STAGES = ['connection', 'request', 'route', 'consumer', 'response', 'end'] as const;
export type Stage = (typeof STAGES)[number];

export type FieldType = 'string' | 'int' | 'double' | 'boolean' | 'ip';

/** A field of the language. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** Has several values; every one must satisfy a condition, `any()` asks for one. */
  readonly multiple: boolean;
  readonly stage: Stage;
  readonly description: string;
  readonly example: string;
  /** Other names it goes by. */
  readonly aliases: readonly string[];
  /** `http.headers.<name>` and its like: the name's prefix, what follows is the argument. */
  readonly wildcard: boolean;
  /** What its numbers measure, in milliseconds or bytes; null for other numbers and for texts. */
  readonly measures: Quantity | null;
}

function field(
  name: string,
  type: FieldType,
  stage: Stage,
  description: string,
  example: string,
  aliases: readonly string[] = [],
): FieldDefinition {
  const measures = name.endsWith('.size') ? 'size' : name.startsWith('proxy.kong.latency.') ? 'time' : null;
  return { name, type, multiple: false, stage, description, example, aliases, wildcard: false, measures };
}

function family(
  name: string,
  type: FieldType,
  stage: Stage,
  description: string,
  example: string,
  multiple = true,
): FieldDefinition {
  return { name, type, multiple, stage, description, example, aliases: [], wildcard: true, measures: null };
}

/** Every field, in the order they are documented. */
export const FIELDS: readonly FieldDefinition[] = [
  field('net.protocol', 'string', 'request', 'http or https', 'net.protocol == "https"', ['url.scheme']),
  field(
    'net.src.ip',
    'ip',
    'request',
    'Address of the client, behind trusted proxies',
    'net.src.ip in 10.0.0.0/8',
  ),
  field('net.src.port', 'int', 'request', 'Port of the client', 'net.src.port > 1024', ['client.port']),
  field(
    'net.dst.ip',
    'ip',
    'connection',
    'Address of the gateway the client connected to',
    'net.dst.ip == 127.0.0.1',
  ),
  field(
    'net.dst.port',
    'int',
    'connection',
    'Port of the gateway the client connected to',
    'net.dst.port == 8443',
    ['server.port'],
  ),
  field('tls.sni', 'string', 'connection', 'Server name of the handshake', 'tls.sni =^ ".example.com"', [
    'tls.client.server_name',
  ]),
  field(
    'tls.resumed',
    'boolean',
    'connection',
    'Whether the handshake resumed an earlier session',
    'tls.resumed',
  ),
  field('tls.cipher', 'string', 'connection', 'Cipher suite', 'tls.cipher contains "AES"'),
  field(
    'tls.client.subject',
    'string',
    'connection',
    "Distinguished name of the client's certificate",
    'tls.client.subject contains "CN=ci"',
  ),
  field(
    'tls.server.subject',
    'string',
    'connection',
    "Distinguished name of the gateway's certificate",
    'tls.server.subject contains "CN=api"',
  ),
  field('http.method', 'string', 'request', 'Request method', 'http.method == GET', ['http.request.method']),
  field('http.host', 'string', 'request', 'Host, without its port', 'http.host == "api.example.com"'),
  field(
    'http.request.header.host',
    'string',
    'request',
    'Host as received',
    'http.request.header.host contains ":"',
  ),
  field('http.path', 'string', 'request', 'Path, normalised, without the query', 'http.path ^= "/orders"'),
  field('http.path.segments.len', 'int', 'request', 'Number of path segments', 'http.path.segments.len > 3'),
  family(
    'http.path.segments.',
    'string',
    'request',
    'A segment of the path by its number from 0, or a closed range (0_1)',
    'http.path.segments.0 == "api"',
    false,
  ),
  family(
    'http.headers.',
    'string',
    'request',
    'Values of a request field; lower case, - written _',
    'http.headers.x_debug == "1"',
  ),
  family(
    'http.queries.',
    'string',
    'request',
    'Values of a query parameter',
    'any(http.queries.debug) == "1"',
  ),
  field(
    'client.address',
    'string',
    'request',
    'Address of the client, behind trusted proxies',
    'client.address == "10.1.2.3"',
  ),
  field(
    'network.peer.address',
    'string',
    'connection',
    'Address of whoever opened the connection',
    'network.peer.address == "10.0.0.1"',
  ),
  field(
    'network.peer.port',
    'int',
    'connection',
    'Port of whoever opened the connection',
    'network.peer.port > 1024',
  ),
  field('network.protocol.version', 'string', 'request', 'HTTP version', 'network.protocol.version == "1.0"'),
  field(
    'proxy.kong.client_KA',
    'boolean',
    'request',
    'Whether the connection had served a request before',
    'proxy.kong.client_KA',
  ),
  field('proxy.kong.request.id', 'string', 'request', 'Id of the request', 'proxy.kong.request.id ^= "00"'),
  field('route.id', 'string', 'route', 'Id of the route', 'route.id == "…"', [
    'proxy.kong.router.route_id',
    'proxy.kong.route.id',
  ]),
  field('route.name', 'string', 'route', 'Name of the route', 'route.name == "checkout"'),
  field('service.id', 'string', 'route', 'Id of the service', 'service.id == "…"', [
    'proxy.kong.router.service_id',
    'proxy.kong.service.id',
  ]),
  field('service.name', 'string', 'route', 'Name of the service', 'service.name in ["orders", "checkout"]'),
  field('consumer.id', 'string', 'consumer', 'Id of the consumer that authenticated', 'consumer.id == "…"', [
    'proxy.kong.consumer_id',
  ]),
  field(
    'consumer.username',
    'string',
    'consumer',
    'Name of the consumer that authenticated',
    'consumer.username == "mobile-app"',
  ),
  field(
    'http.response.status_code',
    'int',
    'response',
    'Status the gateway sends',
    'http.response.status_code==503',
  ),
  field(
    'proxy.kong.upstream_status_code',
    'int',
    'response',
    'Status the upstream answered',
    'proxy.kong.upstream_status_code >= 500',
    ['proxy.kong.upstream.status_code'],
  ),
  family(
    'http.response.headers.',
    'string',
    'response',
    'Values of a response field; lower case, - written _',
    'http.response.headers.content_type ^= "text/"',
  ),
  field('http.request.body.size', 'int', 'end', 'Bytes of the request body', 'http.request.body.size > 1mb'),
  field('http.request.size', 'int', 'end', 'Bytes of the request', 'http.request.size > 16kb'),
  field(
    'http.response.body.size',
    'int',
    'end',
    'Bytes of the response body',
    'http.response.body.size > 10mb',
  ),
  field('http.response.size', 'int', 'end', 'Bytes of the response', 'http.response.size > 10mb'),
  field(
    'proxy.kong.latency.total',
    'double',
    'end',
    'Milliseconds from the first byte in to the last byte out',
    'proxy.kong.latency.total > 250ms',
    ['proxy.kong.latency_total_ms', 'proxy.kong.request.time'],
  ),
];

const BY_NAME = new Map<string, FieldDefinition>();
for (const definition of FIELDS) {
  if (definition.wildcard) continue;
  for (const name of [definition.name, ...definition.aliases]) BY_NAME.set(name, definition);
}
const FAMILIES = FIELDS.filter((definition) => definition.wildcard);

/** The definition a field name stands for, with its argument where it is one of a family; null for an unknown name. */
export function resolveField(name: string): { definition: FieldDefinition; argument: string } | null {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return { definition: exact, argument: '' };
  for (const definition of FAMILIES) {
    if (!name.startsWith(definition.name)) continue;
    const argument = name.slice(definition.name.length);
    if (
      argument === '' ||
      (definition.name === 'http.path.segments.' && !/^\d{1,4}(_\d{1,4})?$/.test(argument))
    )
      return null;
    return { definition, argument };
  }
  return null;
}

/** Every name a field can be called by. */
export function fieldNames(): string[] {
  return [...BY_NAME.keys()];
}
