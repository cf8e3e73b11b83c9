import type { AuditEntry } from '@gatescope/protocol';
import type { AuditConditions, AuditRepository, AuditRow } from '../store/audit-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import { timestamp } from '../time.ts';
import type { Actor } from './actor.ts';

/** How an act went: done, refused for want of rights, failed for another reason. */
export type Outcome = AuditEntry['outcome'];

/** Entries read at a time for an export. */
const EXPORT_CHUNK = 1_000;

/** Who did what, for those who have to answer for it. */
export class AuditLog {
  readonly #entries: AuditRepository;

  constructor({ audit }: Pick<Repositories, 'audit'>) {
    this.#entries = audit;
  }

  /** Notes an act. Secrets and captured data never belong in `details`. */
  async note(
    { name, id, address }: Actor,
    action: string,
    target: string,
    details: Readonly<Record<string, unknown>> = {},
    outcome: Outcome = 'done',
  ): Promise<void> {
    await this.#entries.add({
      at: Date.now(),
      actor: name,
      actor_id: id,
      action,
      target,
      address,
      outcome,
      details: JSON.stringify(details),
    });
  }

  /** Entries newest first, those below `before`. */
  async entries(conditions: AuditConditions, size: number, before: number | null): Promise<AuditEntry[]> {
    return (await this.#entries.page(conditions, size, before)).map(entryOf);
  }

  /** All entries, newest first, a chunk at a time. */
  async *all(conditions: AuditConditions): AsyncGenerator<AuditEntry[]> {
    for (let before: number | null = null; ; ) {
      const entries = await this.entries(conditions, EXPORT_CHUNK, before);
      if (entries.length > 0) yield entries;
      if (entries.length < EXPORT_CHUNK) return;
      before = entries.at(-1)!.id;
    }
  }
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: Number(row.id),
    at: timestamp(row.at),
    actor: row.actor,
    actor_id: row.actor_id,
    action: row.action,
    target: row.target,
    address: row.address,
    outcome: row.outcome as Outcome,
    details: JSON.parse(row.details) as unknown,
  };
}
