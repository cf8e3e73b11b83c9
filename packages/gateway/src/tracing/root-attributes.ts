import type { AttributeValue } from '@gatescope/trace';
import { ioTimingsOf } from './latencies.ts';
import type { RequestFacts } from './request-facts.ts';
import { ROOT_VALUES } from './root-values.ts';
import { attribute } from './span-kinds.ts';

/** Reads an attribute of the root from a finished request; undefined: this one has none of it. */
export interface AttributeReader {
  /** The attribute's number. */
  readonly key: number;
  readonly read: (facts: RequestFacts) => AttributeValue | undefined;
}

const VALUES: readonly (AttributeReader & { readonly name: string })[] = Object.entries(ROOT_VALUES).map(
  ([name, read]) => ({ name, key: attribute(name), read }),
);

/** What the root span tells of every finished request: who, what, how much, how long. */
const READERS: readonly AttributeReader[] = [
  ...VALUES.filter(({ name }) => !name.startsWith('tls.')),
  { key: attribute('proxy.kong.latency.net_io_timings'), read: ({ record }) => ioTimingsOf(record) },
  { key: attribute('gatescope.websocket.close_code'), read: ({ request }) => request.closeCode ?? undefined },
  { key: attribute('gatescope.truncated_spans'), read: ({ record }) => record.truncated || undefined },
];
/** And of one by TLS. */
const READERS_TLS: readonly AttributeReader[] = [
  ...READERS,
  ...VALUES.filter(({ name }) => name.startsWith('tls.')),
];

/** What the root span tells of a finished request, in the order in which it does. */
export function rootReadersOf({ request }: RequestFacts): readonly AttributeReader[] {
  return request.connection.tls === null ? READERS : READERS_TLS;
}
