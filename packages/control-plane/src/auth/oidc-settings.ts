import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import type { Role } from '@gatescope/protocol';
import type { Rights } from './rights.ts';

/** How people sign in through an identity provider. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the button says. */
  readonly name: string;
  readonly scope: string;
  /** The claim that names a person's groups: a list, or one. */
  readonly groupsClaim: string;
  /** In order: the first of a person's groups that fits gives the rights. */
  readonly roles: readonly GroupRights[];
  /** Where people reach the viewer; the provider sends them back there. */
  readonly publicUrl: string;
}

export interface GroupRights {
  /** `*`: everybody whom the provider lets in. */
  readonly group: string;
  readonly rights: Rights;
}

const ROLES: readonly string[] = ['org_admin', 'control_plane_admin', 'viewer'] satisfies Role[];
const EXAMPLE = 'admins=org_admin; eu-ops=control_plane_admin:eu-west,default+payload_read; *=viewer:default';

/** Reads `GATESCOPE_OIDC_…`; null where no issuer is set. Throws `invalid_request` with what is missing or wrong. */
export function readOidcSettings(env: Readonly<Record<string, string | undefined>>): OidcSettings | null {
  const issuer = env['GATESCOPE_OIDC_ISSUER'];
  if (issuer === undefined || issuer === '') return null;
  const needed = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new AppError('invalid_request', `GATESCOPE_OIDC_ISSUER is set, so ${name} has to be too`);
    return value;
  };
  const publicUrl = needed('GATESCOPE_PUBLIC_URL');
  for (const [name, url] of Object.entries({
    GATESCOPE_OIDC_ISSUER: issuer,
    GATESCOPE_PUBLIC_URL: publicUrl,
  })) {
    if (!isSafe(url))
      throw new AppError(
        'invalid_request',
        `${name} has to be an https address (http on this machine alone)`,
      );
  }
  return {
    issuer,
    publicUrl: publicUrl.replace(/\/+$/, ''),
    clientId: needed('GATESCOPE_OIDC_CLIENT_ID'),
    clientSecret: secretOf(env) ?? needed('GATESCOPE_OIDC_CLIENT_SECRET'),
    name: env['GATESCOPE_OIDC_NAME'] ?? new URL(issuer).host,
    scope: env['GATESCOPE_OIDC_SCOPE'] ?? 'openid email profile',
    groupsClaim: env['GATESCOPE_OIDC_GROUPS_CLAIM'] ?? 'groups',
    roles: parseGroupRights(needed('GATESCOPE_OIDC_ROLES')),
  };
}

/** Reads `group=role[:control planes][+payload_read]; …`. Throws `invalid_request`. */
export function parseGroupRights(text: string): GroupRights[] {
  const parts = text.split(';').flatMap((part) => part.trim() || []);
  if (parts.length === 0) throw wrong('it gives nobody a role');
  return parts.map((part) => {
    const match = /^(.+?)\s*=\s*(\w+)(?::([^+]+))?(\+payload_read)?$/.exec(part);
    if (match === null) throw wrong(`${part} is not understood`);
    const [, group = '', role = '', planes, payload] = match;
    if (!ROLES.includes(role)) throw wrong(`there is no role ${role}; there are ${ROLES.join(', ')}`);
    return {
      group,
      rights: {
        role: role as Role,
        control_planes: planes === undefined ? 'all' : planes.split(',').flatMap((one) => one.trim() || []),
        payload_read: payload !== undefined,
      },
    };
  });
}

/** The rights of somebody in these groups, or null where none of them has any. */
export function rightsOfGroups(roles: readonly GroupRights[], groups: readonly string[]): Rights | null {
  return roles.find(({ group }) => group === '*' || groups.includes(group))?.rights ?? null;
}

function secretOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const path = env['GATESCOPE_OIDC_CLIENT_SECRET_FILE'];
  if (path === undefined) return null;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `GATESCOPE_OIDC_CLIENT_SECRET_FILE (${path}) can't be read: ${messageOf(error)}`,
    );
  }
}

function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
  );
}

function wrong(what: string): AppError {
  return new AppError('invalid_request', `GATESCOPE_OIDC_ROLES: ${what}; write it as ${EXAMPLE}`);
}
