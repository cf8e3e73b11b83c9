import type { TraceSummary } from '@gatescope/protocol';
import type { LatencyPart } from '@gatescope/trace';

/** Whose time a trace's total was, nanoseconds. */
export function partTimes(trace: TraceSummary): Record<LatencyPart, number> {
  return {
    client: trace.client_ms * 1e6,
    gateway: trace.gateway_ms * 1e6,
    io: trace.io_ms * 1e6,
    upstream: trace.upstream_ms * 1e6,
  };
}

/** Who ended a request before an upstream answered it, in a word or two; null where an upstream did answer. */
export function endedBy({ exited_by, status_code, upstream_status_code }: TraceSummary): string | null {
  if (exited_by !== null) return exited_by;
  if (status_code === 499) return 'client';
  return upstream_status_code === null ? 'gateway' : null;
}

/** The time of day of a trace, to the millisecond, where the reader is. */
export function clockText(instant: string): string {
  const time = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${milliseconds}`;
}

/** The same with its day: `2026-01-31 09:30:00.123`. */
export function dayAndClockText(instant: string): string {
  const time = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clockText(instant)}`;
}
