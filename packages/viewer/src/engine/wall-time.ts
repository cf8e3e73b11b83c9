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

/** How long ago, begun units left out, or ahead, rounded, an instant is, in one unit: `12 s ago`, `in 7 d`. */
export function relativeText(instant: string, nowMs: number): string {
  const difference = Date.parse(instant) - nowMs;
  const seconds = Math.abs(difference) / 1_000;
  // What is kept for seven days is kept for seven a moment later, too.
  const whole = difference > 0 ? Math.round : Math.floor;
  const text =
    whole(seconds) < 60
      ? `${whole(seconds)} s`
      : whole(seconds / 60) < 60
        ? `${whole(seconds / 60)} min`
        : whole(seconds / 3_600) < 24
          ? `${whole(seconds / 3_600)} h`
          : `${whole(seconds / 86_400)} d`;
  return difference > 0 ? `in ${text}` : `${text} ago`;
}
