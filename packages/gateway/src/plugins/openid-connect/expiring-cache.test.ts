import { describe, expect, it } from 'vitest';
import { ExpiringCache } from './expiring-cache.ts';

describe('ExpiringCache', () => {
  it('keeps values for as long as they are good', () => {
    let now = 1_000;
    const cache = new ExpiringCache<string>(100, () => now);
    cache.put('a', 'x', 10, 50);
    now = 1_049;
    expect(cache.get('a')).toBe('x');
    now = 1_050;
    expect([cache.get('a'), cache.size]).toEqual([undefined, 0]);
    cache.put('b', 'x', 10, 0);
    expect(cache.get('b')).toBeUndefined();
  });

  it('holds no more bytes than its bound: those put first go', () => {
    const cache = new ExpiringCache<number>(100, () => 0);
    for (const [index, key] of ['a', 'b', 'c'].entries()) cache.put(key, index, 40, 1);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, 1, 2]);
    cache.put('b', 9, 60, 1);
    expect(['b', 'c'].map((key) => cache.get(key))).toEqual([9, 2]);
    cache.put('huge', 1, 101, 1);
    expect([cache.get('huge'), cache.size]).toEqual([undefined, 2]);
  });
});
