const US = 1e3;
const MS = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;

/** A unit of time: nanoseconds in one, and how it is written. */
export interface TimeUnit {
  readonly ns: number;
  readonly symbol: string;
}

const UNITS: readonly TimeUnit[] = [
  { ns: 1, symbol: 'ns' },
  { ns: US, symbol: 'µs' },
  { ns: MS, symbol: 'ms' },
  { ns: SECOND, symbol: 's' },
];

/** A duration to three digits in the unit that suits it: `850 ns`, `4.12 ms`, `412 ms`, `1.24 s`, `2 min 5 s`. */
export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return '–';
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns >= MINUTE) return formatMinutes(ns);
  for (let index = unitIndexOf(ns); index < UNITS.length; index++) {
    const { ns: size, symbol } = UNITS[index]!;
    const text = threeDigits(ns / size);
    // 999.6 µs rounds to 1000 µs: that is 1.00 ms.
    if (Number(text) < 1_000 || symbol === 's') return `${text} ${symbol}`;
  }
  return formatMinutes(ns);
}

/** A duration to the nanosecond, in milliseconds: `412.345678 ms`. */
export function formatExactMs(ns: number): string {
  const whole = Math.floor(Math.abs(ns) / MS);
  const rest = Math.round(Math.abs(ns) - whole * MS);
  return `${ns < 0 ? '-' : ''}${grouped(whole)}.${String(rest).padStart(6, '0')} ms`;
}

/** The unit in which durations up to `ns` are told, and the digits behind the point that give three in all. */
export function unitFor(ns: number): TimeUnit & { readonly digits: number } {
  const unit = UNITS[unitIndexOf(ns)]!;
  const value = Math.abs(ns) / unit.ns;
  return { ...unit, digits: unit.ns === 1 ? 0 : value >= 100 ? 0 : value >= 10 ? 1 : 2 };
}

/** A place on a time axis whose marks are `stepNs` apart, with as many digits as tell it from its neighbours: `1.2345 ms`. */
export function formatTick(ns: number, stepNs: number): string {
  if (ns === 0) return '0';
  const { ns: size, symbol } = UNITS[unitIndexOf(ns)]!;
  const digits = Math.max(0, Math.ceil(-Math.log10(stepNs / size) - 1e-9));
  return `${(ns / size).toFixed(digits)} ${symbol}`;
}

/** `part` of `whole` in whole percent: `96 %`; `<1 %` for less than half of one and `0 %` for nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %';
  const percent = (part / whole) * 100;
  return percent < 1 ? '<1 %' : `${Math.round(percent)} %`;
}

/** A number with its thousands apart: `1,204`. The browser's own way to write numbers takes tens of milliseconds when it is first used. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Seconds as a clock: `4:07`, `1:02:09`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3_600);
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Seconds in words: `45 s`, `5 min`, `2 min 30 s`. */
export function formatSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds - minutes * 60);
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** How many times as much: `12`, `3.2`. */
export function formatFactor(factor: number): string {
  return factor >= 10 ? grouped(Math.round(factor)) : factor.toFixed(1);
}

function formatMinutes(ns: number): string {
  return formatSeconds(Math.round(ns / SECOND));
}

function unitIndexOf(ns: number): number {
  const size = Math.abs(ns);
  return size < US ? 0 : size < MS ? 1 : size < SECOND ? 2 : 3;
}

function threeDigits(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  const digits = value >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return Number(text) >= 100
    ? value.toFixed(0)
    : Number(text) >= 10 && digits === 2
      ? value.toFixed(1)
      : text;
}
