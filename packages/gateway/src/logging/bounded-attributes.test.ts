import { describe, expect, it } from 'vitest';
import { ATTRIBUTE_LIMITS, boundedAttributes, boundedText } from './bounded-attributes.ts';

describe('boundedAttributes()', () => {
  it('keeps plain values and leaves null and undefined out', () => {
    const attributes = { text: 'a', count: 3, on: false, none: null, missing: undefined, list: [1, 'b'] };
    expect(boundedAttributes(attributes)).toEqual({ text: 'a', count: 3, on: false, list: [1, 'b'] });
  });

  it('cuts cycles, through objects and arrays', () => {
    const one: Record<string, unknown> = { name: 'one' };
    one['self'] = one;
    const list: unknown[] = [one];
    one['list'] = list;
    list.push(list);
    expect(boundedAttributes({ one })).toEqual({
      one: { name: 'one', self: '[circular]', list: ['[circular]', '[circular]'] },
    });
  });

  it('shows the same object twice where it is no cycle', () => {
    const shared = { a: 1 };
    expect(boundedAttributes({ x: shared, y: shared })).toEqual({ x: { a: 1 }, y: { a: 1 } });
  });

  it('bounds texts, names, members and depth', () => {
    const { charactersMax, countMax, nameCharactersMax } = ATTRIBUTE_LIMITS;
    const long = 'x'.repeat(charactersMax + 10);
    expect(boundedAttributes({ long })).toEqual({
      long: `${'x'.repeat(charactersMax)}… (${charactersMax + 10} characters)`,
    });
    const name = Object.keys(boundedAttributes({ ['n'.repeat(1_000)]: 1 }))[0]!;
    expect(name).toBe(`${'n'.repeat(nameCharactersMax)}… (1000 characters)`);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, index]));
    expect(Object.keys(boundedAttributes(many))).toHaveLength(countMax + 1);
    expect(boundedAttributes({ a: { b: { c: { d: { e: 1 } } } } })).toEqual({
      a: { b: { c: { d: '[left out]' } } },
    });
  });

  it('keeps the whole small however wide every level is', () => {
    const wide = (depth: number): unknown =>
      depth === 0 ? 'x'.repeat(100) : Array.from({ length: 60 }, () => wide(depth - 1));
    expect(JSON.stringify(boundedAttributes({ wide: wide(3) })).length).toBeLessThan(100_000);
  });

  it('tells of errors, dates, bytes, functions and symbols, and of members that throw', () => {
    const unreadable = Object.defineProperty({}, 'secret', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(
      boundedAttributes({
        error: new TypeError('bad'),
        at: new Date(0),
        bytes: Buffer.alloc(5),
        run: () => 1,
        symbol: Symbol('s'),
        big: 2n ** 70n,
        unreadable,
      }),
    ).toEqual({
      error: 'TypeError: bad',
      at: '1970-01-01T00:00:00.000Z',
      bytes: '[5 bytes]',
      run: '[function]',
      symbol: 'Symbol(s)',
      big: '1180591620717411303424',
      unreadable: { secret: '[unreadable]' },
    });
  });

  it('takes __proto__ for a name as any other', () => {
    const attributes = boundedAttributes(JSON.parse('{"__proto__":{"a":1}}'));
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
    expect(Object.keys(attributes)).toEqual(['__proto__']);
  });

  it('answers nothing for what is no record', () => {
    expect([null, undefined, 'text', 3].map(boundedAttributes)).toEqual([{}, {}, {}, {}]);
  });
});

describe('boundedText()', () => {
  it('leaves a text as it is that fits', () => {
    expect(boundedText('abc', 3)).toBe('abc');
    expect(boundedText('abcd', 3)).toBe('abc… (4 characters)');
  });
});
