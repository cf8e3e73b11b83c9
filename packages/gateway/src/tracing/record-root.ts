import { ioTimingsOf } from './latencies.ts';
import type { RequestFacts } from './request-facts.ts';
import { ROOT_VALUES } from './root-values.ts';
import { attribute } from './span-kinds.ts';

const VALUES = Object.entries(ROOT_VALUES).map(([name, read]) => ({ key: attribute(name), read }));
const IO_TIMINGS = attribute('proxy.kong.latency.net_io_timings');
const CLOSE_CODE = attribute('gatescope.websocket.close_code');
const TRUNCATED = attribute('gatescope.truncated_spans');

/** Fills in the root span of a finished request: who, what, how much, how long. */
export function recordRoot(facts: RequestFacts): void {
  const { record } = facts;
  for (const { key, read } of VALUES) {
    const value = read(facts);
    if (value !== undefined) record.set(0, key, value);
  }
  record.set(0, IO_TIMINGS, ioTimingsOf(record));
  if (facts.request.closeCode !== null) record.set(0, CLOSE_CODE, facts.request.closeCode);
  if (record.truncated > 0) record.set(0, TRUNCATED, record.truncated);
}
