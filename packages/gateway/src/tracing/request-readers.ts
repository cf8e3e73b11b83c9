import { textOfBytes } from '@gatescope/base';
import type { FieldDefinition, FieldReaders, SpanFacts } from '@gatescope/expressions';
import type { Headers } from '@gatescope/http1';
import { type IoTiming, ioTimingsOf } from './latencies.ts';
import type { RequestFacts } from './request-facts.ts';
import { ROOT_VALUES, withoutPort } from './root-values.ts';
import { spanName } from './span-kinds.ts';

type Read<Value> = (facts: RequestFacts) => Value;

/** Texts that no attribute of the root span has. */
const TEXTS: Readonly<Record<string, Read<string | undefined>>> = {
  'net.dst.ip': ({ request }) => request.connection.localAddress,
  'http.host': ({ request }) => (request.host === '' ? undefined : withoutPort(request.host)),
  'http.path': ({ path }) => path,
  'route.id': ({ request }) => request.route?.id,
  'route.name': ({ request }) => request.route?.name ?? undefined,
  'service.id': ({ request }) => request.service?.id,
  'service.name': ({ request }) => request.service?.name ?? undefined,
  'consumer.username': ({ request }) => request.consumer?.username ?? undefined,
};

const IO = 'proxy.kong.latency.net_io_timings';
const IO_NUMBERS: Readonly<Record<string, (timing: IoTiming) => number>> = {
  [IO]: (timing) => timing.connect_time + timing.rw_time,
  [`${IO}.connect_time`]: (timing) => timing.connect_time,
  [`${IO}.rw_time`]: (timing) => timing.rw_time,
};

/** How rules read a request under way. */
export const requestReaders: FieldReaders<RequestFacts> = {
  string(field, argument) {
    if (field.name === 'http.path.segments.') return segmentsReader(argument);
    return TEXTS[field.name] ?? rootReader<string>(field);
  },
  strings(field, argument) {
    const header = argument.replaceAll('_', '-');
    switch (field.name) {
      case 'http.headers.':
        return ({ requestHeaders }) => valuesOf(requestHeaders, header);
      case 'http.response.headers.':
        return ({ request }) => valuesOf(request.responseHeaders, header);
      case 'http.queries.':
        return ({ request }) => new URLSearchParams(textOfBytes(request.query)).getAll(argument);
      default:
        return ({ record }) => ioTimingsOf(record).map(({ ip }) => ip);
    }
  },
  number(field) {
    if (field.name === 'http.path.segments.len') return ({ segments }) => segments.length;
    return rootReader<number>(field);
  },
  numbers(field) {
    const numberOf = IO_NUMBERS[field.name]!;
    return ({ record }) => ioTimingsOf(record).map(numberOf);
  },
  boolean: (field) => rootReader<boolean>(field),
  spans: (isMeant) => (facts) => spansOf(facts, isMeant),
};

/** The values of all lines of a name; most requests have none, which costs no list. */
function valuesOf(headers: Headers | null, name: string): readonly string[] {
  if (headers === null) return NONE;
  const { lowerNames, values } = headers;
  let found: string[] | null = null;
  for (let index = 0; index < lowerNames.length; index++) {
    if (lowerNames[index] !== name) continue;
    const value = textOfBytes(values[index]!);
    if (found === null) found = [value];
    else found.push(value);
  }
  return found ?? NONE;
}

const NONE: readonly string[] = [];

function rootReader<Value>({ attribute }: FieldDefinition): Read<Value | undefined> {
  return ROOT_VALUES[attribute!] as Read<Value | undefined>;
}

function segmentsReader(argument: string): Read<string | undefined> {
  const [from, to] = argument.split('_').map(Number) as [number, number | undefined];
  if (to === undefined) return ({ segments }) => segments[from];
  if (to < from) return () => undefined;
  return ({ segments }) => (to < segments.length ? segments.slice(from, to + 1).join('/') : undefined);
}

function spansOf({ record }: RequestFacts, isMeant: (name: string) => boolean): SpanFacts[] {
  const found: SpanFacts[] = [];
  for (let index = 0; index < record.spanCount; index++) {
    const name = spanName(record.kindOf(index), record.labels[index]!);
    if (!isMeant(name)) continue;
    const durationMs = Math.max(0, record.endOf(index) - record.startOf(index));
    found.push({ name, durationMs, failed: record.errors[index] !== null });
  }
  return found;
}
