import { describe, expect, it } from 'vitest';
import { shownSummary } from './shown-summary.ts';
import { sampleSummary } from './testing/sample-trace.ts';

describe('shownSummary()', () => {
  it('changes nothing of a usual summary', () => {
    const summary = sampleSummary({ slowest_plugin: { name: 'cors', phase: 'access', duration_ms: 1 } });
    expect(shownSummary(summary)).toEqual(summary);
  });

  it('shows what can not be seen and cuts what is too long', () => {
    const summary = shownSummary(
      sampleSummary({ path: `/\u202e${'x'.repeat(9_000)}`, error: 'e'.repeat(9_000), exited_by: 'a\u0000' }),
    );
    expect(summary.path.slice(0, 11)).toBe('/⟨U+202E⟩xx');
    expect([summary.path.length, summary.error!.length]).toEqual([2_007, 2_000]);
    expect(summary.exited_by).toBe('a⟨U+0000⟩');
  });
});
