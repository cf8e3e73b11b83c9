import type { AuditRepository } from '../store/audit-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import { timestamp } from '../time.ts';

export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: unknown;
}

/** Who did what, for those who have to answer for it. */
export class AuditLog {
  readonly #entries: AuditRepository;

  constructor({ audit }: Pick<Repositories, 'audit'>) {
    this.#entries = audit;
  }

  /** Notes an act. Secrets and captured data never belong in `details`. */
  async note(
    actor: string,
    action: string,
    target: string,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#entries.add({ at: Date.now(), actor, action, target, details: JSON.stringify(details) });
  }

  /** Entries newest first, those below `before`. */
  async entries(size: number, before: number | null): Promise<AuditEntry[]> {
    const rows = await this.#entries.page(size, before);
    return rows.map((row) => ({
      id: Number(row.id),
      at: timestamp(row.at),
      actor: row.actor,
      action: row.action,
      target: row.target,
      details: JSON.parse(row.details) as unknown,
    }));
  }
}
