/** The instant `offsetNs` after `originUnixNano` in UTC with nine digits: `2026-01-31T09:30:00.123456789Z`. */
export function instantText(originUnixNano: string, offsetNs: number): string {
  const total = BigInt(originUnixNano) + BigInt(Math.round(offsetNs));
  const seconds = total / 1_000_000_000n;
  const rest = total % 1_000_000_000n;
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
  return `${whole}.${rest.toString().padStart(9, '0')}Z`;
}

/** Nanoseconds from `originUnixNano` to another instant, both decimal text. */
export function offsetNs(originUnixNano: string, unixNano: string): number {
  return Number(BigInt(unixNano) - BigInt(originUnixNano));
}

/** How long ago or ahead an instant is, in one unit: `12 s ago`, `in 6 d`. */
export function relativeText(instant: string, nowMs: number): string {
  const difference = Date.parse(instant) - nowMs;
  const seconds = Math.abs(difference) / 1_000;
  const text =
    seconds < 60
      ? `${Math.floor(seconds)} s`
      : seconds < 3_600
        ? `${Math.floor(seconds / 60)} min`
        : seconds < 86_400
          ? `${Math.floor(seconds / 3_600)} h`
          : `${Math.floor(seconds / 86_400)} d`;
  return difference > 0 ? `in ${text}` : `${text} ago`;
}
