import { expect, it } from 'vitest';
import { ArmingTimes } from './arming-times.ts';

it('ArmingTimes counts what took at most as long as each bound', () => {
  const times = new ArmingTimes();
  for (const ms of [3, 5, 40, 20_000]) times.note(ms);
  const lines = times.lines('arming_seconds');
  expect(lines.filter((line) => /"(0.005|0.025|0.05|10|\+Inf)"|_sum|_count/.test(line))).toEqual([
    'arming_seconds_bucket{le="0.005"} 2',
    'arming_seconds_bucket{le="0.025"} 2',
    'arming_seconds_bucket{le="0.05"} 3',
    'arming_seconds_bucket{le="10"} 3',
    'arming_seconds_bucket{le="+Inf"} 4',
    'arming_seconds_sum 20.048',
    'arming_seconds_count 4',
  ]);
});
