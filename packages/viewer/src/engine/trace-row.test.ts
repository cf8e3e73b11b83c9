import { describe, expect, it } from 'vitest';
import { sampleSummary } from './testing/sample-trace.ts';
import { clockText, dayAndClockText, endedBy, partTimes } from './trace-row.ts';

describe('endedBy()', () => {
  it('names who answered in the upstream’s place', () => {
    expect(endedBy(sampleSummary())).toBeNull();
    expect(endedBy(sampleSummary({ exited_by: 'key-auth', upstream_status_code: null }))).toBe('key-auth');
    expect(endedBy(sampleSummary({ status_code: 499, upstream_status_code: null }))).toBe('client');
    expect(endedBy(sampleSummary({ status_code: 502, upstream_status_code: null }))).toBe('gateway');
  });
});

describe('partTimes()', () => {
  it('is nanoseconds', () => {
    expect(partTimes(sampleSummary({ client_ms: 1, gateway_ms: 0.5, io_ms: 0, upstream_ms: 2 }))).toEqual({
      client: 1e6,
      gateway: 5e5,
      io: 0,
      upstream: 2e6,
    });
  });
});

describe('clockText()', () => {
  it('is the time of day here, to the millisecond', () => {
    const here = new Date(2026, 0, 31, 9, 5, 7, 42);
    expect(clockText(here.toISOString())).toBe('09:05:07.042');
    expect(dayAndClockText(here.toISOString())).toBe('2026-01-31 09:05:07.042');
  });
});
