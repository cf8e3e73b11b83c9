import { ioTimingsOf } from './latencies.ts';
import type { RequestFacts } from './request-facts.ts';
import { ROOT_VALUES } from './root-values.ts';
import { attribute } from './span-kinds.ts';

const ALL = Object.entries(ROOT_VALUES).map(([name, read]) => ({ key: attribute(name), name, read }));
const VALUES = ALL.filter(({ name }) => !name.startsWith('tls.'));
const TLS_VALUES = ALL.filter(({ name }) => name.startsWith('tls.'));
const IO_TIMINGS = attribute('proxy.kong.latency.net_io_timings');
const CLOSE_CODE = attribute('gatescope.websocket.close_code');
const TRUNCATED = attribute('gatescope.truncated_spans');

/** Fills in the root span of a finished request: who, what, how much, how long. */
export function recordRoot(facts: RequestFacts): void {
  const { record } = facts;
  fill(facts, VALUES);
  if (facts.request.connection.tls !== null) fill(facts, TLS_VALUES);
  record.set(0, IO_TIMINGS, ioTimingsOf(record));
  if (facts.request.closeCode !== null) record.set(0, CLOSE_CODE, facts.request.closeCode);
  if (record.truncated > 0) record.set(0, TRUNCATED, record.truncated);
}

function fill(facts: RequestFacts, values: typeof ALL): void {
  for (let index = 0; index < values.length; index++) {
    const { key, read } = values[index]!;
    const value = read(facts);
    if (value !== undefined) facts.record.set(0, key, value);
  }
}
