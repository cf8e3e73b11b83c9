import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComparedSide, compare, medianSide, signed } from './comparison.ts';
import { stepTimes } from './step-times.ts';
import { sampleTrace } from './testing/sample-trace.ts';
import { durationOf, type TraceModel } from './trace-model.ts';

function side(name: string, drawing: string): ComparedSide & { readonly model: TraceModel } {
  const model = sampleTrace(drawing);
  return { name, model, totalNs: durationOf(model, model.root), steps: stepTimes(model) };
}

const FAST = `
  kong 0+1000
    kong.phase.access 100+200
      kong.access.plugin.oidc 110+100
        kong.io.redis.get 120+50
      kong.access.plugin.cors 220+10
    kong.upstream.selection 400+50
      kong.upstream.find_upstream 400+50
    kong.read_headers_from_upstream 460+400
`;
const SLOW = `
  kong 0+3000
    kong.phase.access 100+2200
      kong.access.plugin.oidc 110+2100
        kong.io.redis.get 120+50
        kong.io.redis.get 200+50
      kong.access.plugin.cors 2220+10
    kong.upstream.selection 2400+50
      kong.upstream.find_upstream 2400+20 !
      kong.upstream.find_upstream 2420+30
    kong.read_headers_from_upstream 2460+400
    kong.phase.log 3000+500
`;

describe('compare()', () => {
  it('sets own times against each other, by phase, plugin and ordinal, the largest difference first', () => {
    const { steps, deltaNs } = compare(side('a', FAST), side('b', SLOW));
    expect(deltaNs).toBe(2_000_000);
    expect(
      steps.filter((step) => step.deltaNs !== 0).map((step) => `${step.label}: ${signed(step.deltaNs)}`),
    ).toEqual([
      'oidc in access: +1.95 ms',
      'log phase itself: +500 µs',
      'redis.get of oidc in access (2): +50 µs',
      'Attempt 1 at the upstream: −30 µs',
      'Attempt 2 at the upstream: +30 µs',
    ]);
    expect(steps.find((step) => step.label === 'Attempt 2 at the upstream')).toMatchObject({
      ...{ a: null, b: 30_000, rowA: null, rowB: 8, category: 'connect' },
    });
  });

  it('says in a sentence what makes the difference', () => {
    expect(compare(side('trace a', FAST), side('trace b', SLOW)).headline).toBe(
      'Trace b took 2 ms longer than trace a (3.0 times); 98 % of that is oidc in access.',
    );
    expect(compare(side('trace b', SLOW), side('trace a', FAST)).headline).toBe(
      'Trace a took 2 ms less than trace b (3.0 times); 98 % of that is oidc in access.',
    );
  });

  it('says that two are alike, and what differs most all the same', () => {
    expect(compare(side('a', FAST), side('b', FAST)).headline).toBe('B took about as long as a.');
    const other = FAST.replace('220+10', '220+30');
    expect(compare(side('a', FAST), side('b', other)).headline).toBe(
      'B took about as long as a; the largest difference is cors in access, +20 µs.',
    );
  });

  it('says so where only one of the two has the step', () => {
    const without = 'kong 0+1000';
    const one = 'kong 0+9000\n  kong.phase.access 0+8000\n    kong.access.plugin.oidc 0+8000';
    expect(compare(side('a', without), side('b', one)).headline).toMatch(
      /oidc in access, which the other has not\.$/,
    );
    expect(compare(side('b', one), side('a', without)).headline).toMatch(
      /oidc in access, which it has not\.$/,
    );
  });

  it('has differences that add up to that of the totals, where steps follow one another', () => {
    const tree = fc.array(
      fc.tuple(fc.constantFrom('router', 'phase.access', 'phase.rewrite', 'dns'), fc.nat(90)),
      { maxLength: 9 },
    );
    const drawn = (steps: readonly (readonly [string, number])[]) =>
      ['kong 0+1000', ...steps.map(([name, took], index) => `  kong.${name} ${index * 100}+${took}`)].join(
        '\n',
      );
    fc.assert(
      fc.property(tree, tree, (one, two) => {
        const { steps, deltaNs } = compare(side('a', drawn(one)), side('b', drawn(two)));
        expect(steps.reduce((sum, step) => sum + step.deltaNs, 0)).toBe(deltaNs);
      }),
    );
  });
});

describe('medianSide()', () => {
  it('takes the middle of each step, and leaves out what most have not', () => {
    const traces = [FAST, FAST.replace('460+400', '460+500'), SLOW].map((drawing) => side('', drawing));
    const median = medianSide(traces);
    expect({ name: median.name, totalNs: median.totalNs }).toEqual({
      name: 'the median of 3 traces',
      totalNs: 1_000_000,
    });
    const own = Object.fromEntries([...median.steps.values()].map((step) => [step.label, step.ownNs / 1e3]));
    expect(own).toMatchObject({
      'oidc in access': 50,
      'Wait for upstream response': 400,
      'cors in access': 10,
    });
    expect(own).not.toHaveProperty('Attempt 2 at the upstream');
  });

  it('is nothing of nothing', () => expect(medianSide([])).toMatchObject({ totalNs: 0 }));
});

describe('stepTimes()', () => {
  it('tells instances of a plugin apart, and stays bounded', () => {
    const model = sampleTrace(
      'kong 0+10\n  kong.phase.access 0+9\n    kong.access.plugin.a 0+1\n    kong.access.plugin.a 2+2',
    );
    expect([...stepTimes(model, (row) => (row < 2 ? null : `i${row}`)).keys()]).toEqual([
      'kong~1',
      'kong/kong.phase.access~1',
      'kong/kong.phase.access/kong.access.plugin.a#i2~1',
      'kong/kong.phase.access/kong.access.plugin.a#i3~1',
    ]);
    const many = Array.from({ length: 3_000 }, (_, index) => `  kong.io.redis.get ${index}+1`);
    const steps = stepTimes(sampleTrace(['kong 0+3000', ...many].join('\n')));
    expect(steps.size).toBe(2_000);
    expect([...steps.values()].reduce((sum, step) => sum + step.ownNs, 0)).toBe(3_000_000);
  });
});
