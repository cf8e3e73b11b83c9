import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterSignIn, isTraceTab, paths, placeOf, providerUrl } from './paths.ts';

describe('placeOf()', () => {
  it('tells the new-session page from a session', () => {
    expect(placeOf(paths.newSession('default'))).toEqual({
      cp: 'default',
      session: null,
      isNewSession: true,
      trace: null,
    });
    expect(placeOf('/')).toEqual({ cp: null, session: null, isNewSession: false, trace: null });
    expect(placeOf('/control-planes/%E0%A4%A/x').cp).toBe('%E0%A4%A');
  });

  it('reads what paths wrote', () => {
    const id = fc.string({ minLength: 1 }).filter((text) => text !== 'new');
    fc.assert(
      fc.property(id, id, id, (cp, session, trace) => {
        expect(placeOf(paths.trace(cp, session, trace))).toEqual({ cp, session, isNewSession: false, trace });
      }),
    );
  });
});

describe('afterSignIn()', () => {
  it.each(['/control-planes/default/sessions?x=1', '/settings/keys'])('goes back to %s', (next) => {
    expect(afterSignIn(new URL(paths.signIn(next), 'http://x').search)).toBe(next);
  });

  it.each(['', 'next=https://evil.example', 'next=//evil.example', 'next=/control-planesx', 'next=/sign-in'])(
    'leads nowhere else: %s',
    (query) => expect(afterSignIn(query)).toBe('/'),
  );
});

it('providerUrl() takes the place along, if it is one and not too long', () => {
  const to = (next: string) => providerUrl('/login', new URL(paths.signIn(next), 'http://x').search);
  expect(to('/settings/keys?a=b')).toBe('/login?next=%2Fsettings%2Fkeys%3Fa%3Db');
  for (const next of ['', '/', '//evil.example', '/settings/ü', `/settings/${'x'.repeat(1_020)}`])
    expect(to(next)).toBe('/login');
});

describe('isTraceTab()', () => {
  it('knows the tabs there are', () =>
    expect(['summary', 'spans', 'logs', 'payload', 'toString'].map(isTraceTab)).toEqual([
      ...[true, true, true, true, false],
    ]));
});
