import { AppError } from '@gatescope/base';
import type { Role } from '@gatescope/protocol';

/** Who asks, and what they may do. */
export interface Principal {
  readonly kind: 'user' | 'token';
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  /** Ids or names of control planes, or all. */
  readonly controlPlanes: 'all' | readonly string[];
  readonly payloadRead: boolean;
  /** When the rights end, milliseconds since the epoch; null: not by themselves. */
  readonly expiresAt: number | null;
}

const RANK: Record<Role, number> = { viewer: 0, control_plane_admin: 1, org_admin: 2 };

/** Whether the role of `principal` is at least `role`. */
export function hasRole(principal: Principal, role: Role): boolean {
  return RANK[principal.role] >= RANK[role];
}

/** Whether the principal may see a control plane, known by its id or name. */
export function sees(principal: Principal, controlPlane: { id: string; name: string }): boolean {
  return (
    principal.controlPlanes === 'all' ||
    principal.controlPlanes.includes(controlPlane.id) ||
    principal.controlPlanes.includes(controlPlane.name)
  );
}

/** Refuses what the role does not allow. */
export function requireRole(principal: Principal, role: Role): void {
  if (!hasRole(principal, role))
    throw new AppError('forbidden', `this needs the role ${role}; yours is ${principal.role}`);
}
