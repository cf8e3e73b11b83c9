import type { Role } from '@gatescope/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areWithin, bothOf, type Rights, rightsAsked, rightsColumns, rightsOf } from './rights.ts';

const rights = fc.record<Rights>({
  role: fc.constantFrom<Role>('viewer', 'control_plane_admin', 'org_admin'),
  control_planes: fc.oneof(
    fc.constant('all' as const),
    fc.uniqueArray(fc.constantFrom('default', 'eu', 'us'), { maxLength: 3 }),
  ),
  payload_read: fc.boolean(),
});
const EU_ADMIN: Rights = { role: 'control_plane_admin', control_planes: ['eu'], payload_read: false };

describe('areWithin()', () => {
  it.each<[string, Partial<Rights>, boolean]>([
    ['the same', {}, true],
    ['a lesser role', { role: 'viewer' }, true],
    ['a greater role', { role: 'org_admin' }, false],
    ['no control plane', { control_planes: [] }, true],
    ['another control plane', { control_planes: ['eu', 'us'] }, false],
    ['all control planes', { control_planes: 'all' }, false],
    ['payloads', { payload_read: true }, false],
  ])('of an admin of one control plane: %s', (_, change, within) => {
    expect(areWithin({ ...EU_ADMIN, ...change }, EU_ADMIN)).toBe(within);
  });

  it('holds for everything within what is within', () => {
    fc.assert(
      fc.property(rights, rights, rights, (a, b, c) => {
        fc.pre(areWithin(a, b) && areWithin(b, c));
        expect(areWithin(a, c)).toBe(true);
      }),
    );
  });
});

describe('bothOf()', () => {
  it('is within both, and each rights that are within both are within it', () => {
    fc.assert(
      fc.property(rights, rights, rights, (a, b, c) => {
        const both = bothOf(a, b);
        expect([areWithin(both, a), areWithin(both, b)]).toEqual([true, true]);
        if (areWithin(c, a) && areWithin(c, b)) expect(areWithin(c, both)).toBe(true);
      }),
    );
  });
});

describe('rightsOf()', () => {
  it('reads what rightsColumns() wrote', () => {
    fc.assert(
      fc.property(rights, (one) => {
        expect(rightsOf(rightsColumns(one))).toEqual(one);
      }),
    );
  });
});

describe('rightsAsked()', () => {
  it('takes the own control planes and no payloads where nothing is said', () => {
    expect(rightsAsked(EU_ADMIN, { role: 'viewer' })).toEqual({
      role: 'viewer',
      control_planes: ['eu'],
      payload_read: false,
    });
  });
});
