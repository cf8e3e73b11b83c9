import type { LatencyPart } from '@gatescope/trace';
import { apportion } from './apportion.ts';
import { unitFor } from './duration-format.ts';
import { LATENCY_PARTS } from './latency-segments.ts';
import { TIME_DETAILS, type TimeDetail } from './time-details.ts';

/** A time of a breakdown as it is shown. */
interface ShownTime {
  readonly ns: number;
  /** In the breakdown's unit: `4.12`. */
  readonly value: string;
  /** Percent with one digit: `3.7`. */
  readonly percent: string;
}

/** What a part's time went into. */
export interface BreakdownDetail extends ShownTime {
  readonly detail: TimeDetail;
  readonly label: string;
}

/** One part of a total with what it went into; a part that is one thing only has no details. */
export interface BreakdownRow extends ShownTime {
  readonly part: LatencyPart;
  readonly details: readonly BreakdownDetail[];
}

/** A total cut into parts, and these into details, whose shown values, and percents, add up to what is shown above them. */
export interface Breakdown {
  readonly rows: readonly BreakdownRow[];
  /** `412 ms`, with the unit. */
  readonly total: string;
  readonly symbol: string;
}

/** The breakdown of nanoseconds by detail; the details add up to the total. */
export function breakdownOf(times: Readonly<Record<TimeDetail, number>>): Breakdown {
  const all = TIME_DETAILS.map(({ detail }) => times[detail]);
  const totalNs = all.reduce((sum, ns) => sum + ns, 0);
  const { ns: size, symbol, digits: least } = unitFor(totalNs);
  // One digit more than elsewhere: where rounding to add up moves one, what is told elsewhere still holds.
  const digits = size === 1 ? 0 : least + 1;
  const values = apportion(
    all.map((ns) => ns / size),
    totalNs / size,
    digits,
  );
  const percents = apportion(
    all.map((ns) => (totalNs === 0 ? 0 : (ns / totalNs) * 100)),
    totalNs === 0 ? 0 : 100,
    1,
  );
  const shown = TIME_DETAILS.map(({ detail, part, label }, index) => ({
    ...{ detail, part, label },
    ...{ ns: all[index]!, value: values[index]!, percent: percents[index]! },
  }));
  return {
    rows: LATENCY_PARTS.map((part) => {
      const own = shown.filter((one) => one.part === part);
      const sum = (of: (one: (typeof own)[number]) => number) =>
        own.reduce((before, one) => before + of(one), 0);
      return {
        part,
        ns: sum((one) => one.ns),
        value: sum((one) => one.value).toFixed(digits),
        percent: sum((one) => one.percent).toFixed(1),
        details:
          own.length === 1
            ? []
            : own.map(({ detail, label, ns, value, percent }) => ({
                ...{ detail, label, ns },
                ...{ value: value.toFixed(digits), percent: percent.toFixed(1) },
              })),
      };
    }),
    total: `${(totalNs / size).toFixed(digits)} ${symbol}`,
    symbol,
  };
}
