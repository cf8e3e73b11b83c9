import { describe, expect, it } from 'vitest';
import { hasRole, type Principal, requireRole, sees } from './principal.ts';

const PRINCIPAL: Principal = {
  kind: 'token',
  id: 't',
  name: 'test',
  email: null,
  role: 'control_plane_admin',
  controlPlanes: ['by-name', 'id-2'],
  payloadRead: false,
  expiresAt: null,
};

describe('a principal', () => {
  it('has its role and those below', () => {
    const roles = ['viewer', 'control_plane_admin', 'org_admin'] as const;
    expect(roles.map((role) => hasRole(PRINCIPAL, role))).toEqual([true, true, false]);
    expect(() => requireRole(PRINCIPAL, 'org_admin')).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('sees control planes by name or id, and all of them where it says so', () => {
    const planes = [
      { id: 'id-1', name: 'by-name' },
      { id: 'id-2', name: 'two' },
      { id: 'id-3', name: 'three' },
    ];
    expect(planes.map((plane) => sees(PRINCIPAL, plane))).toEqual([true, true, false]);
    expect(planes.map((plane) => sees({ ...PRINCIPAL, controlPlanes: 'all' }, plane))).toEqual([
      true,
      true,
      true,
    ]);
    expect(planes.map((plane) => sees({ ...PRINCIPAL, controlPlanes: [] }, plane))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
