import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSummary } from './testing/sample-trace.ts';
import { isUnfiltered, NO_FILTER, passes, readTraceFilter, writeTraceFilter } from './trace-list-filter.ts';

const trace = sampleSummary({
  method: 'POST',
  path: '/Orders/7',
  route: 'orders',
  status_code: 404,
  duration_ms: 12.5,
});

const AT = Date.parse(trace.started_at);

describe('passes()', () => {
  it.each([
    [{}, true],
    [{ status: '4xx' }, true],
    [{ status: '404' }, true],
    [{ status: '5xx' }, false],
    [{ status: 'error' }, false],
    [{ method: 'GET' }, false],
    [{ route: 'orders', path: 'orders/' }, true],
    [{ minMs: '12.5' }, true],
    [{ minMs: '13' }, false],
    [{ minMs: 'abc' }, true],
    [{ maxMs: '12.5' }, false],
    [{ maxMs: '13' }, true],
    [{ from: String(AT), to: String(AT + 1) }, true],
    [{ from: String(AT + 1) }, false],
    [{ to: String(AT) }, false],
    [{ from: 'x', to: 'y' }, true],
  ])('%j', (changed, expected) => expect(passes({ ...NO_FILTER, ...changed }, trace)).toBe(expected));

  it('takes an error in words and every 5xx for an error', () => {
    const errors = { ...NO_FILTER, status: 'error' };
    expect(passes(errors, sampleSummary({ error: 'refused' }))).toBe(true);
    expect(passes(errors, sampleSummary({ status_code: 503 }))).toBe(true);
    expect(passes({ ...NO_FILTER, status: '2xx' }, sampleSummary({ status_code: null }))).toBe(false);
  });
});

describe('readTraceFilter() and writeTraceFilter()', () => {
  it('are inverse', () => {
    const text = fc.string();
    const filter = fc.record({
      status: text,
      method: text,
      route: text,
      minMs: text,
      maxMs: text,
      from: text,
      to: text,
      path: text,
    });
    fc.assert(
      fc.property(filter, (one) => {
        expect(readTraceFilter(writeTraceFilter(one))).toEqual(one);
        expect(isUnfiltered(one)).toBe(Object.values(one).every((value) => value === ''));
      }),
    );
  });
});
