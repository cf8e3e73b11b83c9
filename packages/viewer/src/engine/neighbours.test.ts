import { describe, expect, it } from 'vitest';
import { neighboursOf } from './neighbours.ts';
import { sampleSummary } from './testing/sample-trace.ts';

const traces = [
  sampleSummary({ id: 'c', status_code: 503 }),
  sampleSummary({ id: 'b', status_code: 200 }),
  sampleSummary({ id: 'a', status_code: 503 }),
];

describe('neighboursOf()', () => {
  it('are the traces above and below in the list', () => {
    expect(neighboursOf(traces, 'b', '')).toEqual({
      position: 2,
      count: 3,
      previous: traces[0],
      next: traces[2],
    });
    expect(neighboursOf(traces, 'c', '')).toMatchObject({ previous: null, next: traces[1] });
  });

  it('are of the narrowed list, in which the trace itself always stands', () => {
    expect(neighboursOf(traces, 'c', 'status=5xx')).toMatchObject({ position: 1, count: 2, next: traces[2] });
    expect(neighboursOf(traces, 'b', 'status=5xx')).toMatchObject({ position: 2, count: 3 });
  });

  it('are none of a trace that is not there', () => {
    expect(neighboursOf(traces, 'x', '')).toBeNull();
  });
});
