import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { KeyRequestSchema } from './keys.ts';
import { LoginRequestSchema, TokenRequestSchema } from './people.ts';
import { readablePath } from './schema-errors.ts';
import { SessionRequestSchema } from './session.ts';
import { type Validated, validator } from './validate.ts';

const check = validator(SessionRequestSchema);

/** What is wrong with a value, as `path: message`. */
function wrong(value: unknown, checked: Validated<unknown> = check(value)): string[] {
  return checked.ok ? [] : checked.errors.map(({ path, message }) => `${path}: ${message}`);
}

describe('validator()', () => {
  it('gives the value back where it fits', () => {
    const request = { nodes: ['n1'], rule: null, rate: 0.5, capture: { headers: true } };
    expect(check(request)).toEqual({ ok: true, value: request });
    expect(check({})).toEqual({ ok: true, value: {} });
  });

  it('tells everything that is wrong, each once and where it is', () => {
    const request = {
      name: 'x'.repeat(201),
      nodes: [],
      service: 5,
      route: '',
      rule: '',
      rate: 0,
      duration_seconds: 9,
      max_traces: 10_001,
      capture: {
        logs: 'verbose',
        headers: 'yes',
        bodies: null,
        body_bytes_max: 0,
        redact: [{ header: 'x-a' }, { header: 'x', json_path: '$.a' }, { regex: 'a' }],
        cookies: true,
      },
      colour: 'red',
    };
    expect(wrong(request).sort()).toEqual([
      'capture.bodies: must be boolean',
      'capture.body_bytes_max: must be >= 1',
      'capture.cookies: is not known here',
      'capture.headers: must be boolean',
      'capture.logs: must be false, "debug", "info", "notice", "warn", "error", "crit", "alert" or "emerg"',
      'capture.redact[1].json_path: is not known here',
      'capture.redact[2].header: is missing',
      'capture.redact[2].regex: is not known here',
      'colour: is not known here',
      'duration_seconds: must be >= 10',
      'max_traces: must be <= 10000',
      'name: must not have more than 200 characters',
      'nodes: must not have fewer than 1 items',
      'rate: must be > 0',
      'route: must not have fewer than 1 characters',
      'rule: must not have fewer than 1 characters',
      'service: must be a string or null',
    ]);
  });

  it.each([
    [{ nodes: null }, ['nodes: must be "all" or an array']],
    [{ nodes: 'some' }, ['nodes: must be "all" or an array']],
    [{ nodes: ['a', 'a'] }, ['nodes: must not have duplicate items']],
    [{ nodes: ['a', 5] }, ['nodes[1]: must be string']],
    [{ name: null }, ['name: must be string']],
    [{ rate: null }, ['rate: must be number']],
    [{ rate: Number.NaN }, ['rate: must be number']],
    [null, [': must be object']],
    [[], [': must be object']],
    ['text', [': must be object']],
  ])('says of %j what would do', (request, errors) => {
    expect(wrong(request)).toEqual(errors);
  });

  it('names what is missing', () => {
    expect(wrong(undefined, validator(TokenRequestSchema)({ role: 'root' }))).toEqual([
      'name: is missing',
      'role: must be "org_admin", "control_plane_admin" or "viewer"',
    ]);
    expect(wrong(undefined, validator(LoginRequestSchema)({ email: 'ada@example.com' }))).toEqual([
      'password: is missing',
    ]);
  });

  it('says what a path must be', () => {
    const key = { name: 'k', provider: 'local', config: { path: 'keys/k' } };
    expect(wrong(undefined, validator(KeyRequestSchema)(key))).toEqual([
      'config.path: must be an absolute path',
    ]);
  });

  it('keeps unions in lists apart', () => {
    const list = validator(Type.Object({ list: Type.Array(Type.Union([Type.Literal('a'), Type.Null()])) }));
    expect(wrong(undefined, list({ list: ['a', 'b', null, 5] }))).toEqual([
      'list[1]: must be "a" or null',
      'list[3]: must be "a" or null',
    ]);
  });
});

describe('readablePath()', () => {
  it('writes a JSON pointer the way people do', () => {
    expect(['', '/a', '/a/0/b', '/a~1b/1'].map(readablePath)).toEqual(['', 'a', 'a[0].b', 'a/b[1]']);
  });
});
