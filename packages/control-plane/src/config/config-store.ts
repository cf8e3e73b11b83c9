import { AppError, type ErrorDetail } from '@gatescope/base';
import type { ControlPlaneRepository } from '../store/control-plane-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { CheckConfig, ConfigCheck } from './config-checker.ts';

export type CheckedConfig = ConfigCheck & { readonly ok: true };

/** A control plane's configuration in force. */
export interface StoredConfig {
  readonly text: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
  readonly checked: CheckedConfig;
}

/** The configurations of the control planes, each checked before it is kept. */
export class ConfigStore {
  readonly #controlPlanes: ControlPlaneRepository;
  readonly #check: CheckConfig;
  readonly #cache = new Map<string, StoredConfig>();

  constructor({ controlPlanes }: Pick<Repositories, 'controlPlanes'>, check: CheckConfig) {
    this.#controlPlanes = controlPlanes;
    this.#check = check;
  }

  /** The configuration in force, or null where none was ever put. */
  async get(controlPlaneId: string): Promise<StoredConfig | null> {
    const cached = this.#cache.get(controlPlaneId);
    if (cached !== undefined) return cached;
    const row = await this.#controlPlanes.configOf(controlPlaneId);
    if (row === undefined) return null;
    const checked = this.#check(row.text);
    if (!checked.ok) return null;
    const stored = { text: row.text, updatedAt: row.updated_at, updatedBy: row.updated_by, checked };
    this.#cache.set(controlPlaneId, stored);
    return stored;
  }

  /** Puts a configuration in force; throws `invalid_config` with every error in it. */
  async put(controlPlaneId: string, text: string, by: string): Promise<StoredConfig> {
    const checked = this.#check(text);
    if (!checked.ok) {
      const { errors } = checked;
      throw new AppError(
        'invalid_config',
        errors.length === 1
          ? 'the configuration has an error'
          : `the configuration has ${errors.length} errors`,
        { details: errors as ErrorDetail[] },
      );
    }
    const updatedAt = Date.now();
    await this.#controlPlanes.putConfig({
      control_plane_id: controlPlaneId,
      hash: checked.hash,
      text,
      updated_at: updatedAt,
      updated_by: by,
    });
    const stored = { text, updatedAt, updatedBy: by, checked };
    this.#cache.set(controlPlaneId, stored);
    return stored;
  }

  /** What {@link put} would say of a text; puts nothing. */
  checked(text: string): ConfigCheck {
    return this.#check(text);
  }

  forget(controlPlaneId: string): void {
    this.#cache.delete(controlPlaneId);
  }
}
