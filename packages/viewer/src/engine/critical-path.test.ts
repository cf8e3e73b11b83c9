import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { sampleSkeleton, sampleTrace } from './testing/sample-trace.ts';
import { durationOf, nameOf, type TraceModel, traceModel } from './trace-model.ts';

function shown(model: TraceModel): string[] {
  const { row, startNs, endNs } = criticalPath(model);
  return [...row].map(
    (one, index) => `${nameOf(model, one)} ${startNs[index]! / 1e3}-${endNs[index]! / 1e3}`,
  );
}

describe('criticalPath()', () => {
  it('goes from span to span that was waited for', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.phase.access 10+50
          kong.access.plugin.cors 20+30
        kong.wait_for_client_read 70+20
    `);
    expect(shown(model)).toEqual([
      'kong 0-10',
      'kong.phase.access 10-20',
      'kong.access.plugin.cors 20-50',
      'kong.phase.access 50-60',
      'kong 60-70',
      'kong.wait_for_client_read 70-90',
      'kong 90-100',
    ]);
    expect([...criticalPath(model).timeOfRow]).toEqual([30_000, 20_000, 30_000, 20_000]);
  });

  it('of spans side by side takes the one that ended last, and the one before it', () => {
    const model = sampleTrace(`
      kong 0+100
        a 0+40
        b 10+80
        c 20+30
    `);
    expect(shown(model)).toEqual(['kong 0-10', 'b 10-90', 'kong 90-100']);
  });

  it('leaves out what outlives the request', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.phase.log 100+40
        late 50+80
    `);
    expect(shown(model)).toEqual(['kong 0-100']);
  });

  it('is empty for an empty trace', () => {
    expect(shown(sampleTrace(''))).toEqual([]);
  });

  it('adds up to the root, without gaps, for any spans', () => {
    const span = fc.tuple(fc.nat(200), fc.nat(100), fc.nat(10));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 40 }), (below) => {
        const model = traceModel({
          ...sampleSkeleton('kong 0+1'),
          names: ['kong', 'x'],
          name: [0, ...below.map(() => 1)],
          span_id: ['r', ...below.map((_, row) => String(row))],
          parent: [-1, ...below.map(([, , parent], row) => Math.min(parent, row))],
          start_ns: [10, ...below.map(([start]) => start)],
          duration_ns: [100, ...below.map(([, took]) => took)],
          status: [0, ...below.map(() => 0)],
        });
        const { startNs, endNs, timeOfRow } = criticalPath(model);
        expect(startNs[0]).toBe(10);
        expect(endNs.at(-1)).toBe(110);
        for (let index = 1; index < startNs.length; index++) expect(startNs[index]).toBe(endNs[index - 1]);
        expect(timeOfRow.reduce((sum, one) => sum + one, 0)).toBe(durationOf(model, 0));
      }),
    );
  });
});
