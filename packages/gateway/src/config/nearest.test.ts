import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const FIELDS = ['host', 'hosts', 'port', 'protocol', 'path', 'paths', 'retries', 'read_timeout'];

describe('nearest()', () => {
  it.each([
    ['hots', 'host'],
    ['prot', 'port'],
    ['Host', 'host'],
    ['protocoll', 'protocol'],
    ['retrys', 'retries'],
    ['readtimeout', 'read_timeout'],
    ['read-timeout', 'read_timeout'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, FIELDS)).toBe(meant);
  });

  it.each(['', 'x', 'xy', 'colour', 'timeout'])('takes %j for nothing', (word) => {
    expect(nearest(word, FIELDS)).toBe(null);
  });
});
