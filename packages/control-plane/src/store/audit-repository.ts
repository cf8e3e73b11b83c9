import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type AuditRow = Row<'audit_log'>;

/** What entries are looked for; null: any. Times are milliseconds since the epoch, `from` included, `to` not. */
export interface AuditConditions {
  readonly actor: string | null;
  /** An action, or a group of them: `session` stands for `session.start` and the like. */
  readonly action: string | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly outcome: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

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
  async page(conditions: AuditConditions, size: number, before: number | null): Promise<AuditRow[]> {
    const { actor, action, target, address, outcome, from, to } = conditions;
    let query = this.#db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(size);
    if (before !== null) query = query.where('id', '<', before as never);
    if (actor !== null)
      query = query.where((eb) => eb.or([eb('actor', '=', actor), eb('actor_id', '=', actor)]));
    if (action !== null) {
      // What follows a dot sorts below what follows a slash, the next sign.
      query = query.where((eb) =>
        eb.or([
          eb('action', '=', action),
          eb.and([eb('action', '>', `${action}.`), eb('action', '<', `${action}/`)]),
        ]),
      );
    }
    if (target !== null) query = query.where('target', '=', target);
    if (address !== null) query = query.where('address', '=', address);
    if (outcome !== null) query = query.where('outcome', '=', outcome);
    if (from !== null) query = query.where('at', '>=', from);
    if (to !== null) query = query.where('at', '<', to);
    return await query.execute();
  }
}
