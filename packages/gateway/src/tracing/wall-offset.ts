/** How far the wall clock may run from the monotonic one before the difference is taken anew, milliseconds. */
const WALL_DRIFT_MS = 2;
let offsetMs = performance.timeOrigin;

/** What has to be added to performance.now() to get wall time. */
export function wallOffset(): number {
  const drift = Date.now() - (offsetMs + performance.now());
  if (Math.abs(drift) > WALL_DRIFT_MS) offsetMs += drift;
  return offsetMs;
}
