import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakdownOf } from './breakdown.ts';

describe('breakdownOf()', () => {
  it('tells every part in the unit of the total', () => {
    const breakdown = breakdownOf({ client: 176_000, gateway: 219_000, io: 0, upstream: 969_000 });
    expect(breakdown.total).toBe('1.364 ms');
    expect(breakdown.rows.map(({ part, value, percent }) => `${part} ${value} ${percent}`)).toEqual([
      'client 0.176 12.9',
      'gateway 0.219 16.1',
      'io 0.000 0.0',
      'upstream 0.969 71.0',
    ]);
  });

  it('is all zero for a request without duration', () => {
    const { total, rows } = breakdownOf({ client: 0, gateway: 0, io: 0, upstream: 0 });
    expect(total).toBe('0 ns');
    expect(rows.map((row) => row.percent)).toEqual(['0.0', '0.0', '0.0', '0.0']);
  });

  it('shows values and percents that add up', () => {
    const ns = fc.integer({ min: 0, max: 90_000_000_000 });
    fc.assert(
      fc.property(ns, ns, ns, ns, (client, gateway, io, upstream) => {
        fc.pre(client + gateway + io + upstream > 0);
        const { rows, total } = breakdownOf({ client, gateway, io, upstream });
        const digits = total.split(' ')[0]!.split('.')[1]?.length ?? 0;
        const sum = (values: string[]) => values.reduce((before, value) => before + Number(value), 0);
        expect(sum(rows.map((row) => row.value)).toFixed(digits)).toBe(total.split(' ')[0]);
        expect(sum(rows.map((row) => row.percent)).toFixed(1)).toBe('100.0');
      }),
    );
  });
});
