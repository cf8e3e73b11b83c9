import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import { timestamp } from './time.ts';

/** Notes who did what. Secrets and captured data never belong in `details`. */
export async function audit(
  db: Kysely<Schema>,
  actor: string,
  action: string,
  target: string,
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({ at: Date.now(), actor, action, target, details: JSON.stringify(details) } as never)
    .execute();
}

export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: unknown;
}

/** Entries newest first, those below `before`. */
export async function auditEntries(
  db: Kysely<Schema>,
  size: number,
  before: number | null,
): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(size);
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
