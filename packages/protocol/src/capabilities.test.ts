import { describe, expect, it } from 'vitest';
import { CONFIG_CAPABILITY, capabilityOf, RPC_METHODS, TRACING_CAPABILITY } from './capabilities.ts';

describe('capabilityOf()', () => {
  it('is the name of a method up to its last dot', () => {
    expect(Object.values(RPC_METHODS).map(capabilityOf)).toEqual([
      'gatescope.nodes.v1',
      'gatescope.nodes.v1',
      CONFIG_CAPABILITY,
      TRACING_CAPABILITY,
      TRACING_CAPABILITY,
    ]);
  });
});
