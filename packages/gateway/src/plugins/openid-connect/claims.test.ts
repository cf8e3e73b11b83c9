import { describe, expect, it } from 'vitest';
import { claimAt, headerValue, missing, requirementsOf, textAt } from './claims.ts';

describe('claimAt()', () => {
  it('follows a path, and finds nothing where it leads nowhere', () => {
    const claims = { realm_access: { roles: ['a'] }, sub: 'ann', n: 7, empty: '', none: null };
    expect(claimAt(claims, ['realm_access', 'roles'])).toEqual(['a']);
    for (const path of [['realm_access', 'groups'], ['sub', 'length'], ['none', 'x'], ['toString']])
      expect(claimAt(claims, path)).toBeUndefined();
    expect(['sub', 'n', 'empty', 'realm_access'].map((name) => textAt(claims, [name]))).toEqual([
      'ann',
      '7',
      undefined,
      undefined,
    ]);
  });
});

describe('missing()', () => {
  const requirements = (config: object) =>
    requirementsOf({
      scopes_required: null,
      audience_required: null,
      groups_required: null,
      roles_required: null,
      scopes_claim: ['scope'],
      audience_claim: ['aud'],
      groups_claim: ['groups'],
      roles_claim: ['realm_access', 'roles'],
      ...config,
    });

  it('takes one text of several, and all names of a text', () => {
    const wanted = requirements({ scopes_required: ['read write', 'admin'] });
    const lacks = (claims: object) => missing({ ...claims }, wanted)?.name ?? null;
    expect(lacks({ scope: 'write read other' })).toBeNull();
    expect(lacks({ scope: ['admin'] })).toBeNull();
    expect(lacks({ scope: 'read' })).toBe('scopes');
    expect(lacks({ scope: { read: true, write: true } })).toBe('scopes');
    expect(lacks({})).toBe('scopes');
  });

  it('tells the first of several that is not met', () => {
    const wanted = requirements({ audience_required: ['orders'], roles_required: ['clerk'] });
    expect(missing({ aud: 'orders', realm_access: { roles: ['clerk'] } }, wanted)).toBeNull();
    expect(missing({ aud: ['orders', 'x'] }, wanted)?.name).toBe('roles');
    expect(missing({ aud: 'x' }, wanted)?.name).toBe('audience');
  });
});

describe('headerValue()', () => {
  it('leaves texts as they are and packs what has parts', () => {
    expect(['x', 7, true, null, undefined].map(headerValue)).toEqual([
      'x',
      '7',
      'true',
      undefined,
      undefined,
    ]);
    expect(Buffer.from(headerValue(['a', { b: 1 }])!, 'base64').toString()).toBe('["a",{"b":1}]');
  });
});
