import { describe, expect, it } from 'vitest';
import { sampleSkeleton, sampleTrace } from './testing/sample-trace.ts';
import { traceFaults } from './trace-faults.ts';
import { traceModel } from './trace-model.ts';

describe('traceFaults()', () => {
  it('finds nothing in a sound trace, also where a caller is named as its parent', () => {
    const skeleton = sampleSkeleton(`
      kong 0+10
        kong.phase.access 1+2
        kong.phase.log 10+3
    `);
    expect(traceFaults(traceModel(skeleton))).toEqual([]);
    expect(traceFaults(traceModel({ ...skeleton, parent: [-2, 0, 0] }))).toEqual([]);
  });

  it('says that the whole request is missing, and what stands for it', () => {
    const model = sampleTrace('kong.dns 0+1\nkong.phase.access 1+8');
    expect(model.root).toBe(1);
    expect(traceFaults(model)).toEqual([
      'No span is the whole request: there is none called kong. What is told of the request is of kong.phase.access, the longest that has no parent.',
    ]);
  });

  it('counts orphans, circles and second roots', () => {
    const skeleton = sampleSkeleton('kong 0+9\na 1+1\nb 2+1\nc 3+1\nd 4+1\nkong 5+1');
    expect(traceFaults(traceModel({ ...skeleton, parent: [-1, -2, -2, 4, 3, 0] }))).toEqual([
      '2 spans are called kong; the request is taken to be the first.',
      '2 spans name a parent that is not in this trace; they stand at the top level.',
      'Spans name each other as parents; the circle is cut at its earliest span.',
    ]);
    expect(
      traceFaults(traceModel({ ...skeleton, parent: [-1, -2, 0, 0, 0, 0], name: [0, 1, 2, 3, 4, 4] })),
    ).toEqual(['1 span names a parent that is not in this trace; it stands at the top level.']);
  });

  it('says by how much a span begins before the one above it', () => {
    const skeleton = sampleSkeleton('upstream 0+2\nkong 5+9');
    expect(traceFaults(traceModel({ ...skeleton, parent: [1, -1] }))).toEqual([
      '1 span begins before the span above, by up to 5 µs: the clocks differ, or times are wrong.',
    ]);
  });

  it('says where spans are missing', () => {
    expect(traceFaults(sampleTrace('kong 0+1', { span_count: 1_200 }))).toEqual([
      'Of 1,200 spans 1 are here.',
    ]);
  });
});
