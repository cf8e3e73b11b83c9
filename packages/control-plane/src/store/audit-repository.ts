import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type AuditRow = Row<'audit_log'>;

/** The audit log as it is kept: entries are added, never changed. */
export class AuditRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async add(row: Omit<AuditRow, 'id'>): Promise<void> {
    await this.#db
      .insertInto('audit_log')
      .values(row as never)
      .execute();
  }

  /** Newest first, those below `before`. */
  async page(size: number, before: number | null): Promise<AuditRow[]> {
    let query = this.#db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(size);
    if (before !== null) query = query.where('id', '<', before as never);
    return await query.execute();
  }
}
