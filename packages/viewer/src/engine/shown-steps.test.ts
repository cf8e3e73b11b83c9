import { describe, expect, it } from 'vitest';
import { requestSteps } from './request-steps.ts';
import { heaviest, SHOWN_MAX, shownSteps } from './shown-steps.ts';
import { sampleTrace } from './testing/sample-trace.ts';
import { transactionOf } from './transaction.ts';

function stepsOf(drawing: string) {
  const model = sampleTrace(drawing);
  return shownSteps(
    requestSteps(
      model,
      transactionOf(model, () => null),
    ),
  );
}

describe('shownSteps()', () => {
  it('shows everything of a usual trace', () => {
    const { steps, hiddenSteps, hiddenNs } = stepsOf(`
      kong 0+100
        kong.router 0+1
        kong.phase.access 10+50
          kong.access.plugin.cors 11+5
    `);
    expect({ hiddenSteps, hiddenNs }).toEqual({ hiddenSteps: 0, hiddenNs: 0 });
    expect(steps.map(({ label, hiddenPlugins }) => [label, hiddenPlugins])).toEqual([
      ['Find route', 0],
      ['access phase', 0],
    ]);
  });

  it('keeps the longest and the failed in their order, and tells what it left out', () => {
    const short = Array.from({ length: 30 }, (_, index) => `  kong.io.a ${index}+1`);
    const { steps, hiddenSteps, hiddenNs } = stepsOf(
      ['kong 0+100', ...short, '  kong.dns 40+0.5 !', '  kong.router 50+20'].join('\n'),
    );
    expect(steps).toHaveLength(SHOWN_MAX.steps);
    expect(steps.slice(-2).map(({ label }) => label)).toEqual(['Look up name', 'Find route']);
    expect({ hiddenSteps, hiddenNs }).toEqual({ hiddenSteps: 12, hiddenNs: 12_000 });
  });

  it('leaves out plugins over all phases together', () => {
    const plugins = Array.from(
      { length: 40 },
      (_, index) => `    kong.access.plugin.p${index} 1+${index + 1}`,
    );
    const { steps } = stepsOf(['kong 0+100', '  kong.phase.access 0+90', ...plugins].join('\n'));
    expect(steps[0]).toMatchObject({ hiddenPlugins: 8 });
    expect(steps[0]!.plugins[0]!.name).toBe('p8');
  });
});

describe('heaviest()', () => {
  it('takes the earlier of two that weigh the same', () => {
    expect(heaviest(['a', 'b', 'c'], 2, () => 1)).toEqual(['a', 'b']);
  });
});
