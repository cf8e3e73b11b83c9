import type { Kysely } from 'kysely';
import type { NodeRow, Schema } from './schema.ts';

/** Nodes as they are kept. */
export class NodeRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Adds a node, or replaces what is known of it. */
  async put(row: NodeRow): Promise<void> {
    const { id: _, ...change } = row;
    await this.#db
      .insertInto('nodes')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
      .execute();
  }

  async find(id: string): Promise<NodeRow | undefined> {
    return await this.#db.selectFrom('nodes').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Those of a control plane, by host name. */
  async of(controlPlaneId: string): Promise<NodeRow[]> {
    return await this.#db
      .selectFrom('nodes')
      .selectAll()
      .where('control_plane_id', '=', controlPlaneId)
      .orderBy('hostname')
      .orderBy('id')
      .execute();
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('nodes').where('id', '=', id).execute();
  }

  async change(id: string, fields: Partial<Omit<NodeRow, 'id'>>): Promise<void> {
    await this.#db.updateTable('nodes').set(fields).where('id', '=', id).execute();
  }
}
