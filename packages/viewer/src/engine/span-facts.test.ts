import { describe, expect, it } from 'vitest';
import { blockStart, factsIn, numberAttribute, type SpanFacts, textAttribute } from './span-facts.ts';
import { summaryBlocks } from './summary-blocks.ts';
import { sampleTrace } from './testing/sample-trace.ts';

const facts = (attributes: SpanFacts['attributes']): SpanFacts => ({
  span_id: 'a',
  kind: 'INTERNAL',
  status_message: '',
  attributes,
  events: [],
});

describe('factsIn()', () => {
  it('finds a row in the block it is in', () => {
    const blocks = [
      { from: 0, spans: [facts({ n: 0 })] },
      { from: 200, spans: [facts({ n: 200 }), facts({ n: 201 })] },
    ];
    expect(factsIn(blocks, 201)?.attributes['n']).toBe(201);
    expect(factsIn(blocks, 0)?.attributes['n']).toBe(0);
    expect(factsIn(blocks, 1)).toBeNull();
    expect([0, 199, 200, 401].map(blockStart)).toEqual([0, 0, 200, 400]);
  });
});

describe('textAttribute() and numberAttribute()', () => {
  it('take values of their type alone', () => {
    expect(textAttribute(facts({ a: 'x' }), 'a')).toBe('x');
    expect(textAttribute(facts({ a: '' }), 'a')).toBeNull();
    expect(textAttribute(null, 'a')).toBeNull();
    expect(numberAttribute(facts({ a: 0 }), 'a')).toBe(0);
    expect(numberAttribute(facts({ a: '1' }), 'a')).toBeNull();
  });
});

describe('summaryBlocks()', () => {
  const io = (count: number) =>
    Array.from({ length: count }, (_, index) => `      kong.io.redis.get ${index + 2}+1`);
  const drawing = (count: number) =>
    ['kong 0+9999', '  kong.phase.access 1+9000', '    kong.access.plugin.x 2+8000', ...io(count)].join('\n');

  it('is the root’s block for a usual trace', () => {
    expect(summaryBlocks(sampleTrace(drawing(20)))).toEqual([0]);
    expect(summaryBlocks(sampleTrace(''))).toEqual([]);
  });

  it('adds the block of the longest I/O, and of attempts far behind', () => {
    const lines = [...drawing(700).split('\n'), '  kong.upstream.find_upstream 9500+10'];
    lines[450] = '      kong.io.redis.get 449+50';
    expect(summaryBlocks(sampleTrace(lines.join('\n')))).toEqual([0, 400, 600]);
  });
});
