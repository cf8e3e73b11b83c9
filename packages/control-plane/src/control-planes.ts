import { AppError, uuid } from '@gatescope/base';
import { DEFAULT_CONTROL_PLANE } from '@gatescope/protocol';
import type { ControlPlaneRow } from './store/control-plane-repository.ts';
import type { Store } from './store/store.ts';

/** The groups of nodes with a configuration and sessions of their own. `default` always exists. */
export class ControlPlanes {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async ensureDefault(): Promise<ControlPlaneRow> {
    const row = { id: uuid(), name: DEFAULT_CONTROL_PLANE, description: '', created_at: Date.now() };
    await this.#store.controlPlanes.add(row);
    return await this.find(DEFAULT_CONTROL_PLANE);
  }

  async list(): Promise<ControlPlaneRow[]> {
    return await this.#store.controlPlanes.all();
  }

  /** By id or name; throws `not_found`. */
  async find(idOrName: string): Promise<ControlPlaneRow> {
    const row = await this.#store.controlPlanes.find(idOrName);
    if (row === undefined) throw new AppError('not_found', `there is no control plane ${idOrName}`);
    return row;
  }

  async create(name: string, description: string): Promise<ControlPlaneRow> {
    const row = { id: uuid(), name, description, created_at: Date.now() };
    if (!(await this.#store.controlPlanes.add(row)))
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
        change.name === undefined ? undefined : await this.#store.controlPlanes.findByName(change.name);
      if (taken !== undefined && taken.id !== row.id)
        throw new AppError('conflict', `there is a control plane ${change.name} already`);
      await this.#store.controlPlanes.change(row.id, change);
    }
    return await this.find(row.id);
  }

  /** Only one without nodes and sessions can go. */
  async remove(id: string): Promise<void> {
    const row = await this.find(id);
    if (row.name === DEFAULT_CONTROL_PLANE)
      throw new AppError('conflict', 'the control plane called default can not be deleted');
    await this.#store.transaction(async ({ nodes, sessions, controlPlanes }) => {
      if ((await nodes.of(row.id)).length > 0 || (await sessions.anyOf(row.id)))
        throw new AppError('conflict', 'the control plane still has nodes or sessions; delete those first');
      await controlPlanes.remove(row.id);
    });
  }
}
