import { describe, expect, it } from 'vitest';
import { selfTime } from './self-time.ts';
import { sampleTrace } from './testing/sample-trace.ts';

describe('selfTime()', () => {
  it('is what no child covers, overlapping ones counted once, those beyond the end cut', () => {
    const model = sampleTrace(`
      kong 0+100
        a 10+30
        b 20+30
        c 22+3
        d 90+50
    `);
    expect(selfTime(model, 0)).toBe(50_000);
    expect(selfTime(model, 1)).toBe(30_000);
  });

  it('is nothing where a child covers all', () => {
    expect(selfTime(sampleTrace('kong 0+10\n  a 0+10'), 0)).toBe(0);
  });
});
