import { describe, expect, it } from 'vitest';
import { parseGroupRights, readOidcSettings, rightsOfGroups } from './oidc-settings.ts';

const ENV = {
  GATESCOPE_OIDC_ISSUER: 'https://login.example.com',
  GATESCOPE_OIDC_CLIENT_ID: 'gatescope',
  GATESCOPE_OIDC_CLIENT_SECRET: 'secret',
  GATESCOPE_OIDC_ROLES: '*=viewer',
  GATESCOPE_PUBLIC_URL: 'https://gatescope.example.com/',
};

describe('readOidcSettings()', () => {
  it('is nothing without an issuer', () => {
    expect(readOidcSettings({})).toBeNull();
  });

  it('has defaults for what is not needed', () => {
    expect(readOidcSettings(ENV)).toEqual({
      issuer: 'https://login.example.com',
      publicUrl: 'https://gatescope.example.com',
      clientId: 'gatescope',
      clientSecret: 'secret',
      name: 'login.example.com',
      scope: 'openid email profile',
      groupsClaim: 'groups',
      roles: [{ group: '*', rights: { role: 'viewer', control_planes: 'all', payload_read: false } }],
    });
  });

  it.each([
    ['GATESCOPE_PUBLIC_URL', undefined, 'GATESCOPE_PUBLIC_URL has to be too'],
    ['GATESCOPE_OIDC_CLIENT_SECRET', '', 'GATESCOPE_OIDC_CLIENT_SECRET has to be too'],
    ['GATESCOPE_OIDC_ISSUER', 'http://login.example.com', 'GATESCOPE_OIDC_ISSUER has to be an https address'],
    ['GATESCOPE_PUBLIC_URL', 'gatescope', 'GATESCOPE_PUBLIC_URL has to be an https address'],
    ['GATESCOPE_OIDC_ROLES', 'admins', 'admins is not understood'],
    ['GATESCOPE_OIDC_ROLES', 'admins=root', 'there is no role root'],
    ['GATESCOPE_OIDC_ROLES', ' ; ', 'it gives nobody a role'],
    ['GATESCOPE_OIDC_CLIENT_SECRET_FILE', '/nowhere', "(/nowhere) can't be read"],
  ])('says what is wrong with %s = %s', (name, value, message) => {
    expect(() => readOidcSettings({ ...ENV, [name]: value })).toThrow(message);
  });
});

describe('rightsOfGroups()', () => {
  const roles = parseGroupRights('admins=org_admin; eu ops = control_plane_admin:eu, us+payload_read');

  it.each([
    [['admins', 'eu ops'], { role: 'org_admin', control_planes: 'all', payload_read: false }],
    [['eu ops'], { role: 'control_plane_admin', control_planes: ['eu', 'us'], payload_read: true }],
    [['others'], null],
    [[], null],
  ])('gives %s the rights of the first that fits', (groups, rights) => {
    expect(rightsOfGroups(roles, groups)).toEqual(rights);
  });
});
