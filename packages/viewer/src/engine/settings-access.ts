import type { Role } from '@gatescope/protocol';
import type { SettingsPage } from './paths.ts';

const LEAST_ROLES: Readonly<Record<SettingsPage, Role>> = {
  'payload-capture': 'viewer',
  redaction: 'control_plane_admin',
  keys: 'org_admin',
  users: 'org_admin',
  tokens: 'control_plane_admin',
  'audit-log': 'org_admin',
};
const RANKS: Readonly<Record<Role, number>> = { viewer: 0, control_plane_admin: 1, org_admin: 2 };

/** Whether a role may look at a page of the settings; what is behind it is not even asked for otherwise. */
export function maySeeSettings(role: Role, page: SettingsPage): boolean {
  return RANKS[role] >= RANKS[LEAST_ROLES[page]];
}
