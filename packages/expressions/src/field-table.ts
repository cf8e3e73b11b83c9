import type { Domain } from './domain.ts';
import type { FieldDefinition, FieldType, Stage } from './fields.ts';

type Extras = Partial<Omit<FieldDefinition, 'name' | 'type' | 'stage' | 'description' | 'example'>>;
type Row = (
  name: string,
  stage: Stage,
  description: string,
  example: string,
  extras?: Extras,
) => FieldDefinition;

/** Makes rows of a type; where nothing else is said, the root span has an attribute of the field's name. */
function rowsOf(type: FieldType, of: Extras = {}): Row {
  return (name, stage, description, example, extras = {}) => ({
    name,
    written: of.wildcard === true ? `${name}<name>` : name,
    type,
    multiple: false,
    stage,
    description,
    example,
    aliases: [],
    wildcard: false,
    measures: null,
    domain: null,
    always: false,
    attribute: name,
    ...of,
    ...extras,
  });
}

const NOT_NEGATIVE: Domain = { of: 'numbers', min: 0, max: Number.POSITIVE_INFINITY };
const PORT: Domain = { of: 'numbers', min: 0, max: 65_535 };
const STATUS: Domain = { of: 'numbers', min: 100, max: 999 };

const text = rowsOf('string');
const texts = rowsOf('string', { wildcard: true, multiple: true, attribute: null });
const int = rowsOf('int');
const bytes = rowsOf('int', { measures: 'size', domain: NOT_NEGATIVE, always: true });
const ms = rowsOf('double', { measures: 'time', domain: NOT_NEGATIVE, always: true });
const eachMs = rowsOf('double', { measures: 'time', domain: NOT_NEGATIVE, multiple: true, attribute: null });
const flag = rowsOf('boolean');
const ip = rowsOf('ip');

/** What no attribute of the root span has. */
const APART = { attribute: null } as const;

const REQUEST: readonly FieldDefinition[] = [
  text('net.protocol', 'request', 'http or https', 'net.protocol == "https"', {
    domain: { of: 'texts', values: ['http', 'https'] },
    always: true,
    aliases: ['url.scheme'],
    attribute: 'url.scheme',
  }),
  ip('net.src.ip', 'request', 'Address of the client, behind trusted proxies', 'net.src.ip in 10.0.0.0/8', {
    attribute: 'client.address',
  }),
  int('net.src.port', 'request', 'Port of the client, behind trusted proxies', 'net.src.port > 1024', {
    domain: PORT,
    always: true,
    aliases: ['client.port'],
    attribute: 'client.port',
  }),
  ip(
    'net.dst.ip',
    'connection',
    'Address of the gateway the client connected to',
    'net.dst.ip == 127.0.0.1',
    APART,
  ),
  int('net.dst.port', 'connection', 'Port of the gateway the client connected to', 'net.dst.port == 8443', {
    domain: PORT,
    always: true,
    aliases: ['server.port'],
    attribute: 'server.port',
  }),
  text('tls.sni', 'connection', 'Server name of the handshake', 'tls.sni =^ ".example.com"', {
    aliases: ['tls.client.server_name'],
    attribute: 'tls.client.server_name',
  }),
  flag('tls.resumed', 'connection', 'Whether the handshake resumed an earlier session', 'tls.resumed'),
  text('tls.cipher', 'connection', 'Cipher suite', 'tls.cipher contains "AES"'),
  text(
    'tls.client.subject',
    'connection',
    "Distinguished name of the client's certificate",
    'tls.client.subject contains "CN=ci"',
  ),
  text(
    'tls.server.subject',
    'connection',
    "Distinguished name of the gateway's certificate",
    'tls.server.subject contains "CN=api"',
  ),
  text('http.method', 'request', 'Request method', 'http.method == GET', {
    aliases: ['http.request.method'],
    attribute: 'http.request.method',
  }),
  text('http.host', 'request', 'Host, without its port', 'http.host == "api.example.com"', APART),
  text('http.request.header.host', 'request', 'Host as received', 'http.request.header.host contains ":"'),
  text('http.path', 'request', 'Path, normalised, without the query', 'http.path ^= "/orders"', {
    ...APART,
    domain: { of: 'path' },
    always: true,
  }),
  int('http.path.segments.len', 'request', 'Number of path segments', 'http.path.segments.len > 3', {
    ...APART,
    domain: NOT_NEGATIVE,
    always: true,
  }),
  text(
    'http.path.segments.',
    'request',
    'A segment of the path by its number from 0, or a closed range (0_1)',
    'http.path.segments.0 == "api"',
    {
      wildcard: true,
      written: 'http.path.segments.<name>',
      attribute: null,
      domain: { of: 'segment' },
    },
  ),
  texts(
    'http.headers.',
    'request',
    'Values of a request field; lower case, - written _',
    'http.headers.x_debug == "1"',
  ),
  texts('http.queries.', 'request', 'Values of a query parameter', 'any(http.queries.debug) == "1"'),
  text(
    'url.full',
    'request',
    'URL, as received, without the query',
    'url.full ^= "https://api.example.com/"',
  ),
  text(
    'client.address',
    'request',
    'Address of the client, behind trusted proxies',
    'client.address == "10.1.2.3"',
  ),
  text(
    'network.peer.address',
    'connection',
    'Address of whoever opened the connection',
    'network.peer.address == "10.0.0.1"',
  ),
  int(
    'network.peer.port',
    'connection',
    'Port of whoever opened the connection',
    'network.peer.port > 1024',
    { domain: PORT, always: true },
  ),
  text(
    'server.address',
    'request',
    'Name or address of the gateway that the client used',
    'server.address == "api.example.com"',
  ),
  text('network.protocol.version', 'request', 'HTTP version', 'network.protocol.version == "1.0"'),
  flag(
    'proxy.kong.client_KA',
    'request',
    'Whether the connection had served a request before',
    'proxy.kong.client_KA',
  ),
  text('proxy.kong.request.id', 'request', 'Id of the request', 'proxy.kong.request.id ^= "00"'),
];

const ENTITIES: readonly FieldDefinition[] = [
  text('route.id', 'route', 'Id of the route', 'route.id == "…"', {
    aliases: ['proxy.kong.router.route_id', 'proxy.kong.route.id'],
    attribute: null,
  }),
  text('route.name', 'route', 'Name of the route', 'route.name == "checkout"', APART),
  text('service.id', 'route', 'Id of the service', 'service.id == "…"', {
    aliases: ['proxy.kong.router.service_id', 'proxy.kong.service.id'],
    attribute: null,
  }),
  text('service.name', 'route', 'Name of the service', 'service.name in ["orders", "checkout"]', APART),
  text('consumer.id', 'consumer', 'Id of the consumer that authenticated', 'consumer.id == "…"', {
    aliases: ['proxy.kong.consumer_id'],
    attribute: 'proxy.kong.consumer_id',
  }),
  text(
    'consumer.username',
    'consumer',
    'Name of the consumer that authenticated',
    'consumer.username == "mobile-app"',
    APART,
  ),
];

const RESPONSE: readonly FieldDefinition[] = [
  int('http.response.status_code', 'response', 'Status the gateway sends', 'http.response.status_code==503', {
    domain: STATUS,
  }),
  int(
    'proxy.kong.upstream_status_code',
    'response',
    'Status the upstream answered',
    'proxy.kong.upstream_status_code >= 500',
    { domain: STATUS, aliases: ['proxy.kong.upstream.status_code'] },
  ),
  text(
    'proxy.kong.upstream_id',
    'response',
    'Id of the upstream the service resolved to',
    'proxy.kong.upstream_id == "…"',
  ),
  text(
    'network.protocol.name',
    'response',
    'Application protocol: http or ws',
    'network.protocol.name == ws',
  ),
  texts(
    'http.response.headers.',
    'response',
    'Values of a response field; lower case, - written _',
    'http.response.headers.content_type ^= "text/"',
  ),
];

const IO = 'proxy.kong.latency.net_io_timings';
const END: readonly FieldDefinition[] = [
  bytes('http.request.body.size', 'end', 'Bytes of the request body', 'http.request.body.size > 1mb'),
  bytes('http.request.size', 'end', 'Bytes of the request, head and body', 'http.request.size > 16kb'),
  bytes('http.response.body.size', 'end', 'Bytes of the response body', 'http.response.body.size > 10mb'),
  bytes('http.response.size', 'end', 'Bytes of the response, head and body', 'http.response.size > 10mb'),
  ms(
    'proxy.kong.latency.total',
    'end',
    'Milliseconds from the first byte in, of the handshake too, to the last byte out',
    'proxy.kong.latency.total > 250ms',
    { aliases: ['proxy.kong.latency_total_ms'] },
  ),
  ms(
    'proxy.kong.latency.upstream',
    'end',
    'Milliseconds from the selection of an upstream to the last byte of its response',
    'proxy.kong.latency.upstream > 200ms',
  ),
  ms(
    'proxy.kong.latency.internal',
    'end',
    "Milliseconds of the gateway's own: neither client, nor upstream, nor I/O of plugins",
    'proxy.kong.latency.internal > 5ms',
  ),
  eachMs(IO, 'end', 'Milliseconds of each I/O of plugins, connecting included', `any(${IO}) > 50ms`, {
    attribute: IO,
  }),
  rowsOf('ip', { multiple: true, attribute: null })(
    `${IO}.ip`,
    'end',
    'Address of the peer of each I/O of plugins',
    `any(${IO}.ip) in 10.0.0.0/8`,
  ),
  eachMs(
    `${IO}.connect_time`,
    'end',
    'Milliseconds that connecting took in each I/O of plugins',
    `any(${IO}.connect_time) > 20ms`,
  ),
  eachMs(
    `${IO}.rw_time`,
    'end',
    'Milliseconds of writing and reading in each I/O of plugins',
    `any(${IO}.rw_time) > 20ms`,
  ),
  ms(
    'proxy.kong.request.time',
    'end',
    'Milliseconds from the first byte of the request to the last byte of the response',
    'proxy.kong.request.time > 1s',
  ),
  eachMs(
    'span.duration',
    'end',
    'Milliseconds of each span of that name; * stands for any characters',
    'any(span("kong.access.plugin.*").duration) > 5ms',
    { wildcard: true, written: 'span("<name>").duration' },
  ),
  int(
    'span.count',
    'end',
    'Number of the spans of that name; * stands for any characters',
    'span("kong.upstream.find_upstream").count > 1',
    {
      wildcard: true,
      written: 'span("<name>").count',
      attribute: null,
      domain: NOT_NEGATIVE,
      always: true,
    },
  ),
  flag(
    'span.error',
    'end',
    'Whether each span of that name failed; * stands for any characters',
    'any(span("kong.upstream.*").error)',
    { wildcard: true, written: 'span("<name>").error', multiple: true, attribute: null },
  ),
];

/** Every field, in the order they are documented. */
export const FIELDS: readonly FieldDefinition[] = [...REQUEST, ...ENTITIES, ...RESPONSE, ...END];
