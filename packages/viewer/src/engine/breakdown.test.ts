import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Breakdown, breakdownOf } from './breakdown.ts';
import { TIME_DETAILS, type TimeDetail } from './time-details.ts';

function times(given: Partial<Record<TimeDetail, number>>): Record<TimeDetail, number> {
  const none = Object.fromEntries(TIME_DETAILS.map(({ detail }) => [detail, 0])) as Record<
    TimeDetail,
    number
  >;
  return { ...none, ...given };
}

function drawn({ rows, total }: Breakdown): string[] {
  return [
    ...rows.flatMap(({ part, value, percent, details }) => [
      `${part} ${value} ${percent}`,
      ...details.filter(({ ns }) => ns > 0).map((one) => `  ${one.detail} ${one.value} ${one.percent}`),
    ]),
    total,
  ];
}

describe('breakdownOf()', () => {
  it('tells every part in the unit of the total, with what it went into', () => {
    const given = {
      client_read: 76_000,
      client_write: 100_000,
      plugins: 219_000,
      dns: 69_000,
      wait: 900_000,
    };
    expect(drawn(breakdownOf(times(given)))).toEqual([
      'client 0.176 12.9',
      '  client_read 0.076 5.6',
      '  client_write 0.100 7.3',
      'gateway 0.219 16.0',
      '  plugins 0.219 16.0',
      'io 0.000 0.0',
      'upstream 0.969 71.1',
      '  dns 0.069 5.1',
      '  wait 0.900 66.0',
      '1.364 ms',
    ]);
  });

  it('is all zero for a request without duration', () => {
    expect(drawn(breakdownOf(times({})))).toEqual([
      ...['client 0 0.0', 'gateway 0 0.0', 'io 0 0.0', 'upstream 0 0.0', '0 ns'],
    ]);
  });

  it('shows values and percents that add up, details to their part and parts to the total', () => {
    const all = fc.array(fc.integer({ min: 0, max: 90_000_000_000 }), {
      minLength: TIME_DETAILS.length,
      maxLength: TIME_DETAILS.length,
    });
    fc.assert(
      fc.property(all, (list) => {
        fc.pre(list.some((ns) => ns > 0));
        const { rows, total } = breakdownOf(
          times(Object.fromEntries(TIME_DETAILS.map(({ detail }, index) => [detail, list[index]!]))),
        );
        const digits = total.split(' ')[0]!.split('.')[1]?.length ?? 0;
        const sum = (values: readonly string[]) =>
          values.reduce((before, value) => before + Number(value), 0);
        expect(sum(rows.map((row) => row.value)).toFixed(digits)).toBe(total.split(' ')[0]);
        expect(sum(rows.map((row) => row.percent)).toFixed(1)).toBe('100.0');
        for (const { value, percent, details } of rows.filter((row) => row.details.length > 0)) {
          expect(sum(details.map((one) => one.value)).toFixed(digits)).toBe(value);
          expect(sum(details.map((one) => one.percent)).toFixed(1)).toBe(percent);
        }
      }),
    );
  });
});
