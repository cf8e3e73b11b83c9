import { normalizePath, pathSegments, textOfBytes } from '@gatescope/base';
import type { FieldDefinition, FieldReaders, SpanFacts } from '@gatescope/expressions';
import type { AttributeValue, Span } from '@gatescope/trace';
import type { StoredFacts } from './stored-facts.ts';

type Read<Value> = (facts: StoredFacts) => Value;

/** Texts that no attribute of the root span has. */
const TEXTS: Readonly<Record<string, Read<string | undefined>>> = {
  'http.host': ({ root }) =>
    root['http.request.header.host'] === undefined ? undefined : urlOf(root)?.host.replace(/:\d+$/, ''),
  'http.path': ({ root }) => pathOf(root),
  'route.id': ({ router }) => text(router['proxy.kong.router.route_id']),
  'route.name': ({ names, router }) => nameOf(names.route, router['proxy.kong.router.route_id']),
  'service.id': ({ router }) => text(router['proxy.kong.router.service_id']),
  'service.name': ({ names, router }) => nameOf(names.service, router['proxy.kong.router.service_id']),
  'consumer.username': ({ names, root }) => nameOf(names.consumer, root['proxy.kong.consumer_id']),
};

/** Fields whose values are in no span, so that they are absent here, by the names of their definitions. */
export const NOT_IN_SPANS: ReadonlySet<string> = new Set([
  'net.dst.ip',
  'http.headers.',
  'http.queries.',
  'http.response.headers.',
]);

const IO = 'proxy.kong.latency.net_io_timings';
const IO_NUMBERS: Readonly<Record<string, (timing: Record<string, AttributeValue>) => number>> = {
  [IO]: (timing) => Number(timing['connect_time']) + Number(timing['rw_time']),
  [`${IO}.connect_time`]: (timing) => Number(timing['connect_time']),
  [`${IO}.rw_time`]: (timing) => Number(timing['rw_time']),
};

/** How rules read a finished trace: what its spans hold; what is in none of them (header fields, the query) is absent. */
export const storedReaders: FieldReaders<StoredFacts> = {
  string(field, argument) {
    if (field.name === 'http.path.segments.') return segmentsReader(argument);
    return TEXTS[field.name] ?? rootReader(field, 'string');
  },
  strings(field) {
    if (field.name !== `${IO}.ip`) return () => [];
    return (facts) => timingsOf(facts).map(({ ip }) => String(ip));
  },
  number(field) {
    if (field.name === 'http.path.segments.len') return (facts) => segmentsOf(facts)?.length;
    return rootReader(field, 'number');
  },
  numbers(field) {
    const numberOf = IO_NUMBERS[field.name]!;
    return (facts) => timingsOf(facts).map(numberOf);
  },
  boolean: (field) => rootReader(field, 'boolean'),
  spans:
    (isMeant) =>
    ({ spans }) =>
      spans.filter(({ name }) => isMeant(name)).map(factsOf),
};

/** Reads an attribute of the root span where it is of the type. */
function rootReader<Value>({ attribute }: FieldDefinition, type: string): Read<Value | undefined> {
  return ({ root }) => {
    const value = attribute === null ? undefined : root[attribute];
    return typeof value === type ? (value as Value) : undefined;
  };
}

function segmentsReader(argument: string): Read<string | undefined> {
  const [from, to = from] = argument.split('_').map(Number) as [number, number | undefined];
  return (facts) => {
    const segments = segmentsOf(facts) ?? [];
    return from <= to && to < segments.length ? segments.slice(from, to + 1).join('/') : undefined;
  };
}

function segmentsOf({ root }: StoredFacts): string[] | undefined {
  const path = pathOf(root);
  return path === undefined ? undefined : pathSegments(path);
}

function pathOf(root: StoredFacts['root']): string | undefined {
  const path = urlOf(root)?.path;
  return path === undefined ? undefined : textOfBytes(normalizePath(path));
}

/** Authority and path of `url.full`, as they were received. */
function urlOf(root: StoredFacts['root']): { host: string; path: string } | undefined {
  const [, host, path] = /^[a-z]+:\/\/([^/]*)(\/.*)$/s.exec(text(root['url.full']) ?? '') ?? [];
  return host === undefined || path === undefined ? undefined : { host, path };
}

/** An entity's name; its id is none. */
function nameOf(name: string | null, id: AttributeValue | undefined): string | undefined {
  return name === null || name === id ? undefined : name;
}

function timingsOf({ root }: StoredFacts): readonly Record<string, AttributeValue>[] {
  const timings = root[IO];
  return Array.isArray(timings) ? (timings as Record<string, AttributeValue>[]) : [];
}

function factsOf({ name, start_unix_nano, end_unix_nano, status }: Span): SpanFacts {
  const durationMs = Math.max(0, Number(BigInt(end_unix_nano) - BigInt(start_unix_nano)) / 1e6);
  return { name, durationMs, failed: status.code === 'ERROR' };
}

function text(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
