import type { Kysely } from 'kysely';
import type { Row, Schema } from './schema.ts';

export type NodeCertificateRow = Row<'node_certificates'>;

/** The certificates pinned to control planes, as they are kept. */
export class NodeCertificateRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Of all control planes, or of one, oldest first. */
  async all(controlPlaneId?: string): Promise<NodeCertificateRow[]> {
    let query = this.#db.selectFrom('node_certificates').selectAll();
    if (controlPlaneId !== undefined) query = query.where('control_plane_id', '=', controlPlaneId);
    return await query.orderBy('created_at').orderBy('id').execute();
  }

  /** Answers false where the certificate is pinned already, here or elsewhere. */
  async add(row: NodeCertificateRow): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('node_certificates')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** Answers whether there was one. */
  async remove(controlPlaneId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('node_certificates')
      .where('control_plane_id', '=', controlPlaneId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }
}
