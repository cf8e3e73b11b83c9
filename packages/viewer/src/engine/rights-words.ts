import type { Me, Role } from '@gatescope/protocol';

/** How roles are called. */
export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  org_admin: 'Organisation admin',
  control_plane_admin: 'Control plane admin',
  viewer: 'Viewer',
};

/** What each role may do, in a few words. */
export const ROLE_HINTS: Readonly<Record<Role, string>> = {
  org_admin: 'Everything: people, keys, settings, every control plane.',
  control_plane_admin: 'Starts sessions and pushes configuration, on the control planes below.',
  viewer: 'Looks at sessions and traces.',
};

/** Where rights hold. */
export function scopeText(scope: Me['control_planes']): string {
  if (scope === 'all') return 'all';
  return scope.length === 0 ? 'none' : scope.join(', ');
}

/** Roles that somebody may give: their own and lesser ones. */
export function grantableRoles(own: Role): readonly Role[] {
  const roles: readonly Role[] = ['viewer', 'control_plane_admin', 'org_admin'];
  return roles.slice(0, roles.indexOf(own) + 1);
}
