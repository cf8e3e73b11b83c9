import { ManualClock } from '@gatescope/base';
import { describe, expect, it } from 'vitest';
import { FailedAttempts } from './failed-attempts.ts';

const QUARTER_HOUR_MS = 15 * 60_000;

function withClock() {
  const clock = new ManualClock();
  const attempts = new FailedAttempts(clock);
  /** How many of `count` further attempts are let through. */
  const tries = (count: number, account = 'ada', address = '127.0.0.1') => {
    let through = 0;
    for (let attempt = 0; attempt < count; attempt++) {
      try {
        attempts.begin(account, address);
        through++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited' });
      }
    }
    return through;
  };
  return { clock, attempts, tries };
}

describe('FailedAttempts', () => {
  it('lets ten through and locks account and address together', () => {
    const { tries } = withClock();
    expect([tries(12), tries(1, 'grace'), tries(1, 'ada', '::1')]).toEqual([10, 1, 1]);
  });

  it('locks for a quarter of an hour after the last attempt, which further ones do not lengthen', () => {
    const { clock, tries } = withClock();
    tries(10);
    clock.advance(QUARTER_HOUR_MS - 1);
    expect(tries(1)).toBe(0);
    clock.advance(1);
    expect(tries(12)).toBe(10);
  });

  it('forgets failures at a success, and those that are old', () => {
    const { clock, attempts, tries } = withClock();
    tries(9);
    attempts.succeeded('ada', '127.0.0.1');
    expect(tries(9)).toBe(9);
    clock.advance(QUARTER_HOUR_MS);
    expect(tries(10)).toBe(10);
  });

  it('locks an address that tries account after account', () => {
    const { tries } = withClock();
    const through = Array.from({ length: 120 }, (_, index) => tries(1, `account ${index}`));
    expect(through.lastIndexOf(1)).toBe(99);
    expect(tries(1, 'ada', '::1')).toBe(1);
  });

  it('counts those of an address that succeeded no more', () => {
    const { attempts, tries } = withClock();
    for (let index = 0; index < 200; index++) {
      expect(tries(1, `account ${index}`)).toBe(1);
      attempts.succeeded(`account ${index}`, '127.0.0.1');
    }
    expect(attempts.size).toBe(0);
  });

  it('keeps nothing that is too old, and no more than 10,000 counts', () => {
    const { clock, attempts, tries } = withClock();
    for (let index = 0; index < 5_005; index++) tries(1, `account ${index}`, `address ${index}`);
    expect(attempts.size).toBe(10_000);
    clock.advance(QUARTER_HOUR_MS);
    tries(1, 'grace');
    attempts.sweep();
    // The pair, and its address.
    expect(attempts.size).toBe(2);
  });
});
