import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.ts';

const items = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
const idsOf = ({ data }: { data: readonly { id: string }[] }) => data.map(({ id }) => id).join('');

describe('pageOf()', () => {
  it('gives every item once, page by page, and null after the last', () => {
    const first = pageOf(items, { size: '2' });
    const second = pageOf(items, { size: '2', after: first.next! });
    const third = pageOf(items, { size: '2', after: second.next! });
    expect([first, second, third].map(idsOf)).toEqual(['ab', 'cd', 'e']);
    expect(third.next).toBeNull();
  });

  it('has no further page after one that is full to the last item, nor of an empty list', () => {
    expect([pageOf(items, { size: '5' }).next, pageOf([], {}).next]).toEqual([null, null]);
  });

  it('goes on where it was although items came or went before', () => {
    const { next } = pageOf(items, { size: '2' });
    const after = { after: next! };
    expect(idsOf(pageOf([{ id: '0' }, ...items], after))).toBe('cde');
    expect(idsOf(pageOf(items.slice(1), after))).toBe('cde');
    expect(
      idsOf(
        pageOf(
          items.filter(({ id }) => id !== 'b'),
          after,
        ),
      ),
    ).toBe('cde');
  });
});

describe('decodeCursor()', () => {
  it('reads what encodeCursor() wrote', () => {
    expect(decodeCursor(encodeCursor([1_800_000_000_000_123, 'a0']))).toEqual({
      at: 1_800_000_000_000_123,
      id: 'a0',
    });
    expect(decodeCursor(undefined)).toBeNull();
  });

  it.each(['', '%', 'bm8', encodeCursor(['a', 1]), encodeCursor([]), encodeCursor([1])])(
    'refuses %j',
    (text) => {
      expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );
});

describe('pageSize()', () => {
  it('is 1 to 1,000, 100 where nothing is said', () => {
    expect([pageSize(undefined), pageSize('1'), pageSize('1000')]).toEqual([100, 1, 1_000]);
  });

  it.each(['', '0', '-1', '1001', '1.5', '1e9', 'ten', ' '])('refuses %j', (text) => {
    expect(() => pageSize(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        details: [{ message: 'expected 1 to 1000', path: 'size' }],
      }),
    );
  });
});
