import { describe, expect, it } from 'vitest';
import { grantableRoles, scopeText } from './rights-words.ts';

describe('grantableRoles()', () => {
  it('never offers more than one has', () =>
    expect((['viewer', 'control_plane_admin', 'org_admin'] as const).map(grantableRoles)).toEqual([
      ['viewer'],
      ['viewer', 'control_plane_admin'],
      ['viewer', 'control_plane_admin', 'org_admin'],
    ]));
});

describe('scopeText()', () => {
  it('names control planes', () =>
    expect([scopeText('all'), scopeText([]), scopeText(['default', 'eu'])]).toEqual([
      'all',
      'none',
      'default, eu',
    ]));
});
