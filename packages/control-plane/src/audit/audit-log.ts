import type { Kysely } from 'kysely';
import type { Schema } from '../store/schema.ts';
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
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Notes an act. Secrets and captured data never belong in `details`. */
  async note(
    actor: string,
    action: string,
    target: string,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#db
      .insertInto('audit_log')
      .values({ at: Date.now(), actor, action, target, details: JSON.stringify(details) } as never)
      .execute();
  }

  /** Entries newest first, those below `before`. */
  async entries(size: number, before: number | null): Promise<AuditEntry[]> {
    let query = this.#db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(size);
    if (before !== null) query = query.where('id', '<', before as never);
    const rows = await query.execute();
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
