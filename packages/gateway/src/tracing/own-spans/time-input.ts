import type { TimeInput } from '@opentelemetry/api';

/** A time as `@opentelemetry/api` takes it (now, a Date, milliseconds since the epoch or of performance.now(), seconds and nanoseconds), in performance.now() milliseconds. */
export function performanceMs(time: TimeInput | undefined): number {
  if (time === undefined) return performance.now();
  const ms = Array.isArray(time) ? time[0] * 1_000 + time[1] / 1e6 : Number(time);
  if (!Number.isFinite(ms)) return performance.now();
  // Milliseconds since the process began are far below those since 1970.
  return ms > performance.timeOrigin / 2 ? ms - performance.timeOrigin : ms;
}
