import { describe, expect, it } from 'vitest';
import { armedText, dropTexts, sessionName, waitingText } from './session-words.ts';

const counts = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };

describe('dropTexts()', () => {
  it('names every reason, also one it does not know', () => {
    expect(dropTexts({ ...counts, dropped: { queue_full: 12, rate: 1_204, rejected: 0, other: 1 } })).toEqual(
      ['12 lost: the node had too many waiting', '1,204 left out: not in the chosen share', '1 lost: other'],
    );
    expect(dropTexts(counts)).toEqual([]);
  });
});

describe('waitingText()', () => {
  it('tells no traffic from no match', () => {
    expect(waitingText(counts)).toBe('No request has come through the nodes since the session began.');
    expect(waitingText({ ...counts, seen: 1 })).toBe('The one request so far did not match.');
    expect(waitingText({ ...counts, seen: 1_204 })).toBe('None of 1,204 requests matched so far.');
    expect(waitingText({ ...counts, seen: 9, matched: 2 })).toBe(
      '2 of 9 requests matched; their traces are on the way.',
    );
  });
});

describe('sessionName()', () => {
  it('is the name where there is one, with everything in it to be seen', () => {
    expect(sessionName({ name: 'checkout', id: '0123456789' })).toBe('checkout');
    expect(sessionName({ name: 'a\u202eb', id: '0123456789' })).toBe('a⟨U+202E⟩b');
    expect(sessionName({ name: ' ', id: '0123456789' })).toBe('01234567');
  });
});

describe('armedText()', () => {
  it.each([
    ['2026-01-31T09:30:00.012Z', '12 ms'],
    ['2026-01-31T09:30:40.400Z', '40 s'],
    ['2026-01-31T09:29:59.000Z', '0 ms'],
  ])('%s', (armedAt, text) => expect(armedText('2026-01-31T09:30:00.000Z', armedAt)).toBe(text));
});
