import type { Rights } from './rights.ts';

/** Who asks, and what they may do. */
export interface Principal extends Rights {
  readonly kind: 'user' | 'token';
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  /** When the rights end, milliseconds since the epoch; null: not by themselves. */
  readonly expiresAt: number | null;
}

/** Whether the principal may see a control plane, known by its id or name. */
export function sees(principal: Rights, controlPlane: { id: string; name: string }): boolean {
  return (
    principal.control_planes === 'all' ||
    principal.control_planes.includes(controlPlane.id) ||
    principal.control_planes.includes(controlPlane.name)
  );
}
