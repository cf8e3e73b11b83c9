import { TRACING_OFF_REASONS } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { clockTrouble, configStanding, nodeNames, nodesText, pieces, tracingTrouble } from './node-words.ts';

it('nodeNames() tells nodes apart that share a host', () => {
  const node = (id: string, hostname: string) => ({ id, hostname });
  expect([...nodeNames([node('11111111-1', 'a'), node('22222222-2', 'b'), node('33333333-3', 'b')])]).toEqual(
    [
      ['11111111-1', 'a'],
      ['22222222-2', 'b · 22222222'],
      ['33333333-3', 'b · 33333333'],
    ],
  );
});

describe('tracingTrouble()', () => {
  it('is null for a node that can be traced', () =>
    expect(tracingTrouble({ tracing: { available: true, reason: null } })).toBeNull());

  it('tells the reason from the mend', () =>
    expect(
      tracingTrouble({ tracing: { available: false, reason: TRACING_OFF_REASONS.activeTracing } }),
    ).toEqual({
      reason: 'Active tracing is switched off on this node.',
      mend: 'Set KONG_ACTIVE_TRACING=on (active_tracing in kong.conf) and restart it.',
    }));

  it.each([
    [null, { reason: 'This node does not offer tracing.', mend: '' }],
    ['Version 3.9 is too old', { reason: 'Version 3.9 is too old', mend: '' }],
  ])('takes what a node says: %s', (reason, expected) =>
    expect(tracingTrouble({ tracing: { available: false, reason } })).toEqual(expected),
  );
});

describe('pieces()', () => {
  it('finds settings, their values and files', () =>
    expect(pieces('Set KONG_ACTIVE_TRACING=on (active_tracing in kong.conf) and restart it.')).toEqual([
      { text: 'Set ', isCode: false },
      { text: 'KONG_ACTIVE_TRACING=on', isCode: true },
      { text: ' (', isCode: false },
      { text: 'active_tracing', isCode: true },
      { text: ' in ', isCode: false },
      { text: 'kong.conf', isCode: true },
      { text: ') and restart it.', isCode: false },
    ]));

  it('leaves plain words whole', () =>
    expect(pieces('Upgrade it.')).toEqual([{ text: 'Upgrade it.', isCode: false }]));
});

describe('configStanding()', () => {
  it.each([
    [null, false, 'none'],
    ['a', true, 'in-force'],
    ['b', false, 'another'],
  ] as const)('%s, in sync %s: %s', (config_hash, config_in_sync, standing) =>
    expect(configStanding({ config_hash, config_in_sync })).toBe(standing),
  );
});

describe('clockTrouble()', () => {
  it.each([
    [null, null],
    [-1_000, null],
    [1_540, 'Its clock is 1.5 s ahead of the control plane’s.'],
    [-60_000, 'Its clock is 60.0 s behind the control plane’s.'],
  ])('%s ms', (clock_offset_ms, text) => expect(clockTrouble({ clock_offset_ms })).toBe(text));
});

describe('nodesText()', () => {
  const node = (connected: boolean, available: boolean) => ({
    connected,
    tracing: { available, reason: null },
  });
  it.each([
    [[], 'No node is connected'],
    [[node(false, true)], 'No node is connected'],
    [[node(true, true)], '1 node connected'],
    [[node(true, true), node(true, true), node(false, true)], '2 nodes connected'],
    [[node(true, true), node(true, false)], '2 connected, 1 can be traced'],
    [[node(true, false)], '1 connected, none can be traced'],
  ])('%j', (nodes, text) => expect(nodesText(nodes)).toBe(text));
});
