import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeTest } from './attribute-test.ts';
import type { SpanFacts } from './span-facts.ts';

const facts: SpanFacts = {
  span_id: '1',
  kind: 'INTERNAL',
  status_message: '',
  attributes: { 'http.route': 'Orders/(new)', try_count: 3, keepalive: true, tags: ['red', 'blue'] },
  events: [],
};

function holds(word: string): boolean {
  const test = attributeTest(word);
  if (typeof test !== 'function') throw new Error(`not a test: ${word}`);
  return test(facts);
}

describe('attributeTest()', () => {
  it.each([
    ['attr.http.route', true],
    ['attr.HTTP.route', true],
    ['attr.http', false],
    ['attr.http.route=orders/(new)', true],
    ['attr.http.route=orders', false],
    ['attr.http.route=orders*', true],
    ['attr.http.route=*(new)', true],
    ['attr.http.route!=orders', true],
    ['attr.http.route~der', true],
    ['attr.try_count=3', true],
    ['attr.try_count>2', true],
    ['attr.try_count>=4', false],
    ['attr.try_count<3.5', true],
    ['attr.try_count<=3', true],
    ['attr.http.route>1', false],
    ['attr.keepalive=true', true],
    ['attr.tags=blue', true],
    ['attr.tags~e', true],
    ['attr.missing=', false],
    ['attr.missing!=x', true],
  ])('%s: %s', (word, expected) => expect(holds(word)).toBe(expected));

  it('is null for a word about something else, and says what is wrong', () => {
    expect(attributeTest('dur>5ms')).toBeNull();
    expect(attributeTest('attr.a>many')).toBe('“many” is no number');
    expect(attributeTest('attr.=1')).toMatch(/names no attribute/);
  });

  it('takes any value', () => {
    fc.assert(fc.property(fc.string(), (text) => void holds(`attr.http.route=${text}`)));
  });
});
