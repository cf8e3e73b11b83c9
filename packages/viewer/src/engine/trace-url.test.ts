import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_VIEWS, NO_VIEW, readTraceUrl, writeTraceUrl } from './trace-url.ts';

describe('readTraceUrl() and writeTraceUrl()', () => {
  it('leave out what a trace opens with', () => {
    expect(writeTraceUrl({})).toBe('');
    expect(writeTraceUrl(NO_VIEW)).toBe('');
    expect(readTraceUrl('')).toEqual(NO_VIEW);
  });

  it.each(['span=../x&zoom=5', 'span=&zoom=9-3', 'zoom=-1-5', 'zoom=1-2-3', 'path=yes'])(
    'leave out what is malformed: %s',
    (query) => {
      expect(readTraceUrl(query)).toEqual(NO_VIEW);
    },
  );

  it('are inverse', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 1e14 }), fc.integer({ min: 1, max: 1e9 }))
      .map(([fromNs, length]) => ({ fromNs, toNs: fromNs + length }));
    const state = fc.record({
      spanId: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
      range: fc.option(range),
      filter: fc.string(),
      path: fc.boolean(),
      list: fc.string(),
      log: fc.record({
        level: fc.constantFrom('' as const, 'debug' as const, 'error' as const),
        ...{
          type: fc.string(),
          source: fc.string(),
          spanId: fc.string(),
          subtree: fc.boolean(),
          text: fc.string(),
        },
      }),
      body: fc.constantFrom(...BODY_VIEWS),
    });
    fc.assert(
      fc.property(state, (one) => {
        expect(readTraceUrl(writeTraceUrl(one))).toEqual(one);
      }),
    );
  });
});
