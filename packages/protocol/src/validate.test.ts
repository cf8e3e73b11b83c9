import { describe, expect, it } from 'vitest';
import { SessionRequestSchema } from './session.ts';
import { readablePath, validator } from './validate.ts';

const check = validator(SessionRequestSchema);

describe('validator()', () => {
  it('gives the value back where it fits', () => {
    const request = { nodes: ['n1'], rule: null, rate: 0.5, capture: { headers: true } };
    expect(check(request)).toEqual({ ok: true, value: request });
    expect(check({})).toEqual({ ok: true, value: {} });
  });

  it.each([
    ['rate', { rate: 0 }],
    ['rate', { rate: 1.01 }],
    ['duration_seconds', { duration_seconds: 9 }],
    ['duration_seconds', { duration_seconds: 1_801 }],
    ['max_traces', { max_traces: 10_001 }],
    ['nodes', { nodes: [] }],
    ['name', { name: 'x'.repeat(201) }],
    ['capture.body_bytes_max', { capture: { body_bytes_max: 0 } }],
    ['capture.logs', { capture: { logs: 'verbose' } }],
  ])('tells the path %s of what is wrong', (path, request) => {
    const checked = check(request);
    expect(checked.ok).toBe(false);
    expect(checked.ok ? [] : checked.errors.map((error) => error.path)).toContain(path);
  });

  it('refuses null where only some fields may be null, and unknown fields', () => {
    expect(
      [check({ name: null }), check({ nodes: null }), check({ rate: null }), check({ colour: 'red' })].map(
        (c) => c.ok,
      ),
    ).toEqual([false, false, false, false]);
  });
});

describe('readablePath()', () => {
  it('writes a JSON pointer the way people do', () => {
    expect(['', '/a', '/a/0/b', '/a~1b/1'].map(readablePath)).toEqual(['', 'a', 'a[0].b', 'a/b[1]']);
  });
});
