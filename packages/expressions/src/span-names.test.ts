import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canNameSpan, SPAN_NAMES, spanNameTest } from './span-names.ts';

describe('spanNameTest()', () => {
  it.each<[string, string, boolean]>([
    ['kong', 'kong', true],
    ['kong', 'kong.dns', false],
    ['kong*', 'kong.dns', true],
    ['*', '', true],
    ['*.plugin.*', 'kong.access.plugin.key-auth', true],
    ['*.plugin.*', 'kong.access.plugin', false],
    ['kong.*.key-auth', 'kong.access.plugin.key-auth', true],
    ['a*a', 'a', false],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
    ['a**b', 'ab', true],
  ])('%s takes %s: %s', (pattern, name, takes) => expect(spanNameTest(pattern)(name)).toBe(takes));

  it('takes what a regular expression takes', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(short, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, name) => {
        expect(spanNameTest(pattern)(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('canNameSpan()', () => {
  it.each([
    ...SPAN_NAMES,
    '*',
    'kong.access.plugin.my-own',
    '*router',
    'k*g.dns',
    'kong.io.redis.get',
    '*a*',
  ])('takes %s', (pattern) => expect(canNameSpan(pattern)).toBe(true));

  it.each(['', 'kon', 'kong.', 'kong.acess.plugin.x', 'http*', 'KONG', 'kong.dns.*'])(
    'knows no span that %j could name',
    (pattern) => expect(canNameSpan(pattern)).toBe(false),
  );
});
