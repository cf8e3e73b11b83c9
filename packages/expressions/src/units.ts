/** What a number with a unit measures. */
export type Quantity = 'time' | 'size';

interface Unit {
  readonly measures: Quantity;
  /** Milliseconds or bytes in one. */
  readonly factor: number;
}

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['ns', { measures: 'time', factor: 1e-6 }],
  ['us', { measures: 'time', factor: 1e-3 }],
  ['ms', { measures: 'time', factor: 1 }],
  ['s', { measures: 'time', factor: 1_000 }],
  ['m', { measures: 'time', factor: 60_000 }],
  ['h', { measures: 'time', factor: 3_600_000 }],
  ['b', { measures: 'size', factor: 1 }],
  ['kb', { measures: 'size', factor: 1_024 }],
  ['mb', { measures: 'size', factor: 1_048_576 }],
  ['gb', { measures: 'size', factor: 1_073_741_824 }],
]);

/** The unit of this name, in upper or lower case. */
export function unitNamed(name: string): Unit | undefined {
  return UNITS.get(name.toLowerCase());
}

/** What a number as written measures; null where it has no unit. */
export function quantityOf(number: string): Quantity | null {
  const unit = /^-?[\d.]+([a-zA-Z]+)$/.exec(number)?.[1];
  return (unit === undefined ? undefined : unitNamed(unit)?.measures) ?? null;
}
