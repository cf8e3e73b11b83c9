import type { FieldSchema, RecordSchema } from './field-schema.ts';
import { checkPath } from './path-check.ts';

const strings: FieldSchema = { type: 'list', of: { type: 'string' }, default: [] };
const id: FieldSchema = {
  type: 'string',
  check: (text) => (/^[0-9a-f-]{36}$/i.test(text) ? null : 'an id is a UUID'),
};
const name: FieldSchema = {
  type: 'string',
  check: (text) => (/^[\p{L}\p{N}._~-]+$/u.test(text) ? null : 'a name has letters, digits and . _ ~ - only'),
};
const timeout: FieldSchema = { type: 'integer', min: 1, max: 2_147_483_646, default: 60_000 };
const reference: FieldSchema = { type: 'any' };
const children: FieldSchema = { type: 'any' };
const ignored: FieldSchema = { type: 'any' };
const PROTOCOLS = ['http', 'https', 'grpc', 'grpcs', 'ws', 'wss'];

/** Fields of a service; `url` is a shorthand for protocol, host, port and path. */
export const SERVICE: RecordSchema = {
  id,
  name,
  url: { type: 'string' },
  protocol: { type: 'string', oneOf: ['http', 'https'], default: 'http' },
  host: {
    type: 'string',
    check: (text) => (/^[A-Za-z0-9._~:[\]-]+$/.test(text) ? null : 'not a host name or address'),
  },
  port: { type: 'integer', min: 0, max: 65_535 },
  path: { type: 'string', check: (text) => (text.startsWith('/') ? null : 'a path begins with /') },
  retries: { type: 'integer', min: 0, max: 32_767, default: 5 },
  connect_timeout: timeout,
  write_timeout: timeout,
  read_timeout: timeout,
  tls_verify: { type: 'boolean' },
  tls_verify_depth: { type: 'integer', min: 0, max: 64 },
  ca_certificates: { type: 'list', of: { type: 'string' }, default: [] },
  client_certificate: reference,
  enabled: { type: 'boolean', default: true },
  tags: strings,
  created_at: { type: 'integer' },
  updated_at: ignored,
  routes: children,
  plugins: children,
};

export const ROUTE: RecordSchema = {
  id,
  name,
  protocols: {
    type: 'list',
    of: { type: 'string', oneOf: PROTOCOLS },
    default: ['http', 'https'],
    minItems: 1,
  },
  methods: {
    type: 'list',
    of: {
      type: 'string',
      check: (text) => (/^[A-Z]+$/.test(text) ? null : 'a method is written in capitals'),
    },
    default: [],
  },
  hosts: {
    type: 'list',
    of: { type: 'string', check: checkHost },
    default: [],
  },
  paths: { type: 'list', of: { type: 'string', check: checkPath }, default: [] },
  headers: { type: 'map', of: { type: 'list', of: { type: 'string' } }, default: {} },
  snis: strings,
  strip_path: { type: 'boolean', default: true },
  preserve_host: { type: 'boolean', default: false },
  path_handling: { type: 'string', oneOf: ['v0', 'v1'], default: 'v0' },
  regex_priority: { type: 'integer', min: 0, default: 0 },
  https_redirect_status_code: { type: 'integer', oneOf: [301, 302, 307, 308, 426], default: 426 },
  request_buffering: { type: 'boolean' },
  response_buffering: { type: 'boolean', default: true },
  tags: strings,
  created_at: { type: 'integer', default: 0 },
  updated_at: ignored,
  service: reference,
  plugins: children,
};

export const PLUGIN: RecordSchema = {
  id,
  name: { type: 'string', required: true },
  instance_name: name,
  enabled: { type: 'boolean', default: true },
  config: { type: 'any' },
  protocols: { type: 'list', of: { type: 'string', oneOf: PROTOCOLS }, default: PROTOCOLS },
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
  service: reference,
  route: reference,
  consumer: reference,
};

export const UPSTREAM: RecordSchema = {
  id,
  name: { type: 'string', required: true },
  algorithm: { type: 'string', oneOf: ['round-robin'], default: 'round-robin' },
  host_header: { type: 'string' },
  slots: { type: 'integer', min: 10, max: 65_536, default: 10_000 },
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
  targets: children,
};

export const TARGET: RecordSchema = {
  id,
  target: {
    type: 'string',
    required: true,
    check: (text) => (/^[^\s/]+$/.test(text) ? null : 'a target is host or host:port'),
  },
  weight: { type: 'integer', min: 0, max: 65_535, default: 100 },
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
  upstream: reference,
};

export const CONSUMER: RecordSchema = {
  id,
  username: { type: 'string' },
  custom_id: { type: 'string' },
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
  keyauth_credentials: children,
  plugins: children,
};

export const KEYAUTH_CREDENTIAL: RecordSchema = {
  id,
  key: { type: 'string', required: true },
  consumer: reference,
  tags: strings,
  ttl: ignored,
  created_at: ignored,
};

export const CERTIFICATE: RecordSchema = {
  id,
  cert: { type: 'string', required: true },
  key: { type: 'string', required: true },
  snis: children,
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
};

export const CA_CERTIFICATE: RecordSchema = {
  id,
  cert: { type: 'string', required: true },
  cert_digest: { type: 'string' },
  tags: strings,
  created_at: ignored,
  updated_at: ignored,
};

export const SNI: RecordSchema = {
  id,
  name: { type: 'string', required: true },
  certificate: reference,
  tags: strings,
};

function checkHost(text: string): string | null {
  const wildcards = text.split('*').length - 1;
  if (wildcards > 1) return 'a host has one wildcard at most';
  if (wildcards === 1 && !/^\*\.[^*]+$/.test(text) && !/^[^*]+\.\*$/.test(text)) {
    return 'a wildcard stands for the first or the last label, and none with a port behind it';
  }
  return /^[A-Za-z0-9.*_:[\]-]+$/.test(text) ? null : 'not a host name';
}
