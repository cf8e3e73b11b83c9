import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceClock } from './trace-clock.ts';

test('TraceClock tells microseconds since 1970 as nanoseconds in two words, for any time until 2240', () => {
  const clock = new TraceClock();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8_520_000_000_000 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (wall, ms) => {
        const { high, low } = clock.of(wall, ms);
        expect((BigInt(high) << 32n) + BigInt(low)).toBe(BigInt(Math.round((wall + ms) * 1_000)) * 1_000n);
        expect([low >= 0, low < 2 ** 32]).toEqual([true, true]);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('TraceClock tells moments as nanoseconds after the beginning, and none before it', () => {
  const clock = new TraceClock().of(1_700_000_000_000, 5);
  expect([5, 5.000_001, 6.25, 4].map((ms) => clock.since(ms))).toEqual([0, 1, 1_250_000, 0]);
});
