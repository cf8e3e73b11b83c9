import { describe, expect, it } from 'vitest';
import { sees } from './principal.ts';

describe('sees()', () => {
  it('knows control planes by name or id, and all of them where it says so', () => {
    const planes = [
      { id: 'id-1', name: 'by-name' },
      { id: 'id-2', name: 'two' },
      { id: 'id-3', name: 'three' },
    ];
    const seen = (control_planes: 'all' | string[]) =>
      planes.map((plane) => sees({ role: 'viewer', payload_read: false, control_planes }, plane));
    expect([seen(['by-name', 'id-2']), seen('all'), seen([])]).toEqual([
      [true, true, false],
      [true, true, true],
      [false, false, false],
    ]);
  });
});
