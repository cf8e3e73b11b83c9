import type { Role } from '@gatescope/protocol';

/** What somebody may do: as the API spells it. */
export interface Rights {
  readonly role: Role;
  /** Ids or names of control planes, or all. */
  readonly control_planes: 'all' | readonly string[];
  readonly payload_read: boolean;
}

/** How rights are kept, of users and tokens alike. */
export interface RightsColumns {
  readonly role: string;
  readonly control_planes: string;
  readonly payload_read: number;
}

const RANK: Record<Role, number> = { viewer: 0, control_plane_admin: 1, org_admin: 2 };

/** Whether a role is at least another. */
export function isAtLeast(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

export function rightsOf(row: RightsColumns): Rights {
  return {
    role: row.role as Role,
    control_planes: JSON.parse(row.control_planes) as Rights['control_planes'],
    payload_read: row.payload_read === 1,
  };
}

export function rightsColumns(rights: Rights): RightsColumns {
  return {
    role: rights.role,
    control_planes: JSON.stringify(rights.control_planes),
    payload_read: rights.payload_read ? 1 : 0,
  };
}

/** Whether rights are within others. */
export function areWithin(rights: Rights, own: Rights): boolean {
  if (!isAtLeast(own.role, rights.role) || (rights.payload_read && !own.payload_read)) return false;
  if (own.control_planes === 'all') return true;
  const covered = own.control_planes;
  return rights.control_planes !== 'all' && rights.control_planes.every((one) => covered.includes(one));
}

/** What both rights allow. */
export function bothOf(a: Rights, b: Rights): Rights {
  const planes = (x: Rights['control_planes'], y: Rights['control_planes']) =>
    x === 'all' ? y : y === 'all' ? x : x.filter((one) => y.includes(one));
  return {
    role: isAtLeast(a.role, b.role) ? b.role : a.role,
    control_planes: planes(a.control_planes, b.control_planes),
    payload_read: a.payload_read && b.payload_read,
  };
}

/** The rights that a request asks for: on the control planes of who asks, and without payloads, where it does not say. */
export function rightsAsked(
  own: Rights,
  asked: { role: Role; control_planes?: Rights['control_planes']; payload_read?: boolean },
): Rights {
  return {
    role: asked.role,
    control_planes: asked.control_planes ?? own.control_planes,
    payload_read: asked.payload_read ?? false,
  };
}
