import type { Me, Token, User } from '@gatescope/protocol';
import type { Principal } from '../auth/principal.ts';
import { rightsOf } from '../auth/rights.ts';
import type { TokenRow, UserRow } from '../store/people-repository.ts';
import { timestamp, timestampOrNull } from '../time.ts';

export function meOf(principal: Principal): Me {
  return {
    kind: principal.kind,
    id: principal.id,
    name: principal.name,
    email: principal.email,
    ...rightsAsShown(principal),
  };
}

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    ...rightsAsShown(rightsOf(row)),
    created_at: timestamp(row.created_at),
    last_sign_in_at: timestampOrNull(row.last_sign_in_at),
    sign_in: row.subject === null ? 'password' : 'oidc',
  };
}

export function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    ...rightsAsShown(rightsOf(row)),
    created_at: timestamp(row.created_at),
    expires_at: timestampOrNull(row.expires_at),
    last_used_at: timestampOrNull(row.last_used_at),
  };
}

function rightsAsShown({
  role,
  control_planes,
  payload_read,
}: ReturnType<typeof rightsOf>): Pick<Me, 'role' | 'control_planes' | 'payload_read'> {
  return { role, control_planes: control_planes === 'all' ? 'all' : [...control_planes], payload_read };
}
