import { expect, it } from 'vitest';
import { formatBytes } from './byte-format.ts';

it('formatBytes() gives three digits in the unit that suits', () => {
  expect(
    [0, 1, 1_023, 1_024, 1_536, 10_240, 1_048_575, 1_048_576, 5e9, -2_048, Number.NaN].map(formatBytes),
  ).toEqual([
    ...['0 B', '1 B', '1023 B', '1.00 KiB', '1.50 KiB', '10.0 KiB', '1.00 MiB', '1.00 MiB'],
    ...['4.66 GiB', '-2.00 KiB', '–'],
  ]);
});
