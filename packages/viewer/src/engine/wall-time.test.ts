import { describe, expect, it } from 'vitest';
import { instantText, offsetNs, relativeText } from './wall-time.ts';

const ORIGIN = '1769851800123456789';

describe('instantText() and offsetNs()', () => {
  it('keep every nanosecond', () => {
    expect(instantText(ORIGIN, 0)).toBe('2026-01-31T09:30:00.123456789Z');
    expect(instantText(ORIGIN, 876_543_211)).toBe('2026-01-31T09:30:01.000000000Z');
    expect(offsetNs(ORIGIN, '1769851800123456790')).toBe(1);
    expect(offsetNs(ORIGIN, '1769851800000000000')).toBe(-123_456_789);
  });
});

describe('relativeText()', () => {
  const now = Date.parse('2026-01-31T09:30:00Z');
  it.each([
    ['2026-01-31T09:29:48.1Z', '11 s ago'],
    ['2026-01-31T09:28:00Z', '2 min ago'],
    ['2026-01-31T04:00:00Z', '5 h ago'],
    ['2026-01-30T09:30:01Z', '23 h ago'],
    ['2026-02-07T09:30:00Z', 'in 7 d'],
    ['2026-02-07T09:29:00Z', 'in 7 d'],
    ['2026-02-01T09:20:00Z', 'in 1 d'],
    ['2026-01-31T09:30:59.6Z', 'in 1 min'],
  ])('%s is %s', (instant, text) => expect(relativeText(instant, now)).toBe(text));
});
