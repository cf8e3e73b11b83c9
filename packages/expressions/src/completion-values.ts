import type { FieldDefinition } from './fields.ts';
import { isWord } from './lexer.ts';
import { SPAN_NAMES } from './span-names.ts';

/** Names that are in the configuration at hand; any may be left out. */
export interface KnownNames {
  readonly services?: readonly string[];
  readonly routes?: readonly string[];
  readonly consumers?: readonly string[];
  readonly plugins?: readonly string[];
}

const STATUSES = [
  200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415,
  422, 426, 429, 499, 500, 501, 502, 503, 504,
].map(String);
const PRIVATE_NETWORKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  'fd00::/8',
  '::1/128',
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'http.method': ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
  'net.protocol': ['http', 'https'],
  'network.protocol.name': ['http', 'ws'],
  'network.protocol.version': ['1.0', '1.1'],
  'http.response.status_code': STATUSES,
  'proxy.kong.upstream_status_code': STATUSES,
};
const NAMES: Readonly<Record<string, keyof KnownNames>> = {
  'service.name': 'services',
  'route.name': 'routes',
  'consumer.username': 'consumers',
};
const MEASURES = {
  time: ['10ms', '100ms', '250ms', '1s', '5s'],
  size: ['1kb', '10kb', '100kb', '1mb', '10mb'],
};
const UNITS = { time: ['ms', 's', 'm', 'us'], size: ['kb', 'mb', 'gb', 'b'] };
const RESERVED = new Set(['true', 'false', 'and', 'or', 'not', 'in', 'contains']);

/** Values that may be meant behind an operator, by what is there of them. */
export function valuesOf(
  { name, type, measures }: FieldDefinition,
  operator: string,
  prefix: string,
  known: KnownNames,
): readonly string[] {
  if (type === 'boolean') return ['true', 'false'];
  if (type === 'ip') return operator.endsWith('in') ? PRIVATE_NETWORKS : ['127.0.0.1', '::1'];
  if (measures !== null && /^\d+(\.\d+)?$/.test(prefix)) return UNITS[measures].map((unit) => prefix + unit);
  if (measures !== null) return MEASURES[measures];
  // A pattern or a part of a name is nobody's name.
  if (operator === '~') return [];
  const list = NAMES[name];
  return list === undefined ? (VALUES[name] ?? []) : (known[list] ?? []);
}

/** Names of spans, of the plugins at hand those of each phase. */
export function spanNames(plugins: readonly string[]): readonly string[] {
  return SPAN_NAMES.flatMap((name) =>
    name.endsWith('.plugin.*') ? [name, ...plugins.map((plugin) => name.slice(0, -1) + plugin)] : [name],
  );
}

/** A value as it is written: texts in quotes unless they are words. */
export function writtenValue(value: string, { type }: FieldDefinition, quote: '"' | "'" | null): string {
  if (type !== 'string') return value;
  if (quote === null && isWord(value) && !RESERVED.has(value)) return value;
  return quoted(value, quote ?? '"');
}

export function quoted(value: string, quote: '"' | "'"): string {
  const escaped = value.replaceAll(/[\\\n\r\t"']/g, (character) =>
    character === '"' || character === "'"
      ? character === quote
        ? `\\${quote}`
        : character
      : ESCAPES[character]!,
  );
  return quote + escaped + quote;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
