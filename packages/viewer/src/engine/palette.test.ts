import type { Session } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { matchingCommands, paletteCommands } from './palette.ts';
import { placeOf } from './paths.ts';

const sessions = [
  { id: 'abcdef0123456789', name: 'slow checkout' },
  { id: '1234567890abcdef', name: '' },
] as Session[];

describe('paletteCommands()', () => {
  it('begin with what lies nearest', () => {
    const titles = (path: string) => paletteCommands(placeOf(path), sessions).map(({ title }) => title);
    expect(titles('/control-planes/cp/sessions/s/traces/t/spans')[0]).toBe('Summary of this trace');
    expect(titles('/control-planes/cp/sessions/s')[0]).toBe('Traces of this session');
    expect(titles('/control-planes/cp/sessions').slice(0, 4)).toEqual([
      'Sessions',
      'New session',
      'slow checkout',
      '12345678',
    ]);
    expect(titles('/open')[0]).toBe('Control planes');
  });

  it('have ids that differ', () => {
    const ids = paletteCommands(placeOf('/control-planes/cp/sessions/s/traces/t'), sessions).map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('matchingCommands()', () => {
  const commands = paletteCommands(placeOf('/control-planes/cp/sessions/s'), sessions);
  const titles = (query: string) => matchingCommands(commands, query).map(({ title }) => title);

  it('has all words in any order, and beginnings first', () => {
    expect(titles('checkout SLOW')).toEqual(['slow checkout']);
    expect(titles('session')[0]).toBe('Sessions');
    expect(titles('abcdef01')).toEqual(['slow checkout']);
    expect(titles('no such thing')).toEqual([]);
  });

  it('shows some where nothing is asked', () => {
    expect(titles('')).toHaveLength(12);
  });
});
