import { AppError, uuid } from '@gatescope/base';
import { DEFAULT_CONTROL_PLANE } from '@gatescope/protocol';
import type { Kysely, Selectable } from 'kysely';
import type { Schema } from './store/schema.ts';

export type ControlPlaneRow = Selectable<Schema['control_planes']>;

/** The groups of nodes with a configuration and sessions of their own. `default` always exists. */
export class ControlPlanes {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async ensureDefault(): Promise<ControlPlaneRow> {
    await this.#db
      .insertInto('control_planes')
      .values({ id: uuid(), name: DEFAULT_CONTROL_PLANE, description: '', created_at: Date.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return await this.find(DEFAULT_CONTROL_PLANE);
  }

  async list(): Promise<ControlPlaneRow[]> {
    return await this.#db
      .selectFrom('control_planes')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  }

  /** By id or name; throws `not_found`. */
  async find(idOrName: string): Promise<ControlPlaneRow> {
    const rows = await this.#db
      .selectFrom('control_planes')
      .selectAll()
      .where((or) => or.or([or('id', '=', idOrName), or('name', '=', idOrName)]))
      .execute();
    const row = rows.find((one) => one.id === idOrName) ?? rows[0];
    if (row === undefined) throw new AppError('not_found', `there is no control plane ${idOrName}`);
    return row;
  }

  async create(name: string, description: string): Promise<ControlPlaneRow> {
    const row = { id: uuid(), name, description, created_at: Date.now() };
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('control_planes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n)
      throw new AppError('conflict', `there is a control plane ${name} already`);
    return row;
  }

  async update(id: string, change: { name?: string; description?: string }): Promise<ControlPlaneRow> {
    const row = await this.find(id);
    if (row.name === DEFAULT_CONTROL_PLANE && change.name !== undefined && change.name !== row.name) {
      throw new AppError('conflict', 'the control plane called default keeps its name');
    }
    if (Object.keys(change).length > 0) {
      const taken =
        change.name === undefined
          ? undefined
          : await this.#db
              .selectFrom('control_planes')
              .select('id')
              .where('name', '=', change.name)
              .executeTakeFirst();
      if (taken !== undefined && taken.id !== row.id)
        throw new AppError('conflict', `there is a control plane ${change.name} already`);
      await this.#db.updateTable('control_planes').set(change).where('id', '=', row.id).execute();
    }
    return await this.find(row.id);
  }

  /** Only one without nodes and sessions can go. */
  async remove(id: string): Promise<void> {
    const row = await this.find(id);
    if (row.name === DEFAULT_CONTROL_PLANE)
      throw new AppError('conflict', 'the control plane called default can not be deleted');
    const node = await this.#db
      .selectFrom('nodes')
      .select('id')
      .where('control_plane_id', '=', row.id)
      .executeTakeFirst();
    const session = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('control_plane_id', '=', row.id)
      .executeTakeFirst();
    if (node !== undefined || session !== undefined)
      throw new AppError('conflict', 'the control plane still has nodes or sessions; delete those first');
    await this.#db.deleteFrom('configs').where('control_plane_id', '=', row.id).execute();
    await this.#db.deleteFrom('control_planes').where('id', '=', row.id).execute();
  }
}
