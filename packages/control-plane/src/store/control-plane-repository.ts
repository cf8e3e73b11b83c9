import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type ControlPlaneRow = Row<'control_planes'>;
export type ConfigRow = Row<'configs'>;

/** Control planes and their configurations as they are kept. */
export class ControlPlaneRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Answers false where there is one of the name already. */
  async add(row: ControlPlaneRow): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('control_planes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** In the order they were made. */
  async all(): Promise<ControlPlaneRow[]> {
    return await this.#db
      .selectFrom('control_planes')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  }

  /** By id; else by name. */
  async find(idOrName: string): Promise<ControlPlaneRow | undefined> {
    const rows = await this.#db
      .selectFrom('control_planes')
      .selectAll()
      .where((or) => or.or([or('id', '=', idOrName), or('name', '=', idOrName)]))
      .execute();
    return rows.find((one) => one.id === idOrName) ?? rows[0];
  }

  async findByName(name: string): Promise<ControlPlaneRow | undefined> {
    return await this.#db
      .selectFrom('control_planes')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
  }

  async change(id: string, fields: Partial<Omit<ControlPlaneRow, 'id'>>): Promise<void> {
    await this.#db.updateTable('control_planes').set(fields).where('id', '=', id).execute();
  }

  /** Deletes it with its configuration and pinned certificates; to be called in a transaction. */
  async remove(id: string): Promise<void> {
    for (const table of ['configs', 'node_certificates'] as const)
      await this.#db.deleteFrom(table).where('control_plane_id', '=', id).execute();
    await this.#db.deleteFrom('control_planes').where('id', '=', id).execute();
  }

  async configOf(controlPlaneId: string): Promise<ConfigRow | undefined> {
    return await this.#db
      .selectFrom('configs')
      .selectAll()
      .where('control_plane_id', '=', controlPlaneId)
      .executeTakeFirst();
  }

  async putConfig(row: ConfigRow): Promise<void> {
    const { control_plane_id: _, ...change } = row;
    await this.#db
      .insertInto('configs')
      .values(row)
      .onConflict((conflict) => conflict.column('control_plane_id').doUpdateSet(change))
      .execute();
  }
}
