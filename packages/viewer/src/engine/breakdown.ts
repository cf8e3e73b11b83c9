import type { LatencyPart } from '@gatescope/trace';
import { apportion } from './apportion.ts';
import { unitFor } from './duration-format.ts';
import { LATENCY_PARTS } from './latency-segments.ts';

/** One part of a total as it is shown. */
export interface BreakdownRow {
  readonly part: LatencyPart;
  readonly ns: number;
  /** In the breakdown's unit: `4.12`. */
  readonly value: string;
  /** Percent with one digit: `3.7`. */
  readonly percent: string;
}

/** A total cut into parts whose shown values, and percents, add up to what is shown for the total. */
export interface Breakdown {
  readonly rows: readonly BreakdownRow[];
  /** `412 ms`, with the unit. */
  readonly total: string;
  readonly symbol: string;
}

/** The breakdown of nanoseconds by part; the parts add up to the total. */
export function breakdownOf(times: Readonly<Record<LatencyPart, number>>): Breakdown {
  const parts = LATENCY_PARTS.map((part) => times[part]);
  const totalNs = parts.reduce((sum, ns) => sum + ns, 0);
  const { ns: size, symbol, digits: least } = unitFor(totalNs);
  // One digit more than elsewhere: where rounding to add up moves one, what is told elsewhere still holds.
  const digits = size === 1 ? 0 : least + 1;
  const values = apportion(
    parts.map((ns) => ns / size),
    totalNs / size,
    digits,
  );
  const percents = apportion(
    parts.map((ns) => (totalNs === 0 ? 0 : (ns / totalNs) * 100)),
    totalNs === 0 ? 0 : 100,
    1,
  );
  return {
    rows: LATENCY_PARTS.map((part, index) => ({
      part,
      ns: parts[index]!,
      value: values[index]!.toFixed(digits),
      percent: percents[index]!.toFixed(1),
    })),
    total: `${(totalNs / size).toFixed(digits)} ${symbol}`,
    symbol,
  };
}
