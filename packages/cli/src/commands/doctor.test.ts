import type { Node } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { newCertificate, validFor } from '../setup/certificate-maker.ts';
import { VERSION } from '../version.ts';
import { nodeFinding, validity } from './doctor.ts';

const DAY_MS = 86_400_000;
const NODE: Node = {
  id: 'n',
  hostname: 'edge-1',
  version: VERSION,
  ip: '10.0.0.7',
  connected: true,
  connected_at: '2026-01-31T09:30:00.123Z',
  last_seen_at: '2026-01-31T09:30:00.123Z',
  config_hash: 'x',
  config_in_sync: true,
  tracing: { available: true, reason: null },
  capabilities: [],
  workers: 1,
  round_trip_ms: 1,
  clock_offset_ms: 0,
  load: null,
};

describe('nodeFinding()', () => {
  it.each<[string, Partial<Node>, string, RegExp]>([
    ['that is fine', {}, 'ok', /connected and can be traced/],
    ['that is away', { connected: false }, 'warn', /is not connected; last seen 2026/],
    ['of another version', { version: '0.0.1' }, 'warn', /runs 0\.0\.1/],
    ['that is behind', { config_in_sync: false }, 'warn', /does not serve the configuration in force/],
    ['whose clock is off', { clock_offset_ms: -9_000 }, 'warn', /off by -9000 ms/],
    [
      "that can't be traced",
      { tracing: { available: false, reason: 'Set KONG_ACTIVE_TRACING=on' } },
      'warn',
      /Set KONG_ACTIVE_TRACING=on/,
    ],
  ])('of a node %s', (_, change, state, message) => {
    expect(nodeFinding('default', { ...NODE, ...change })).toEqual({
      check: 'node',
      state,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('validity()', () => {
  it('tells a certificate that is good, ends soon, has ended, is too young or is none', async () => {
    const { cert } = await newCertificate(null, {
      name: 'x',
      usages: ['server'],
      hosts: ['x'],
      validity: validFor(100),
    });
    const at = (days: number) => validity('cert', cert, Date.now() + days * DAY_MS).state;
    expect([at(0), at(80), at(101), at(-1)]).toEqual(['ok', 'warn', 'fail', 'fail']);
    expect(validity('cert', 'hello').message).toMatch(/can't be read/);
  });
});
