import { AppError, type ErrorDetail, messageOf } from '@gatescope/base';
import { TextKey } from '@gatescope/envelope';
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
  readonly #key: TextKey;
  readonly #cache = new Map<string, StoredConfig>();

  /** `key` is what configurations are sealed with where they are kept: they hold keys and passwords. */
  constructor({ controlPlanes }: Pick<Repositories, 'controlPlanes'>, check: CheckConfig, key: TextKey) {
    this.#controlPlanes = controlPlanes;
    this.#check = check;
    this.#key = key;
  }

  /** The configuration in force, or null where none was ever put. */
  async get(controlPlaneId: string): Promise<StoredConfig | null> {
    const cached = this.#cache.get(controlPlaneId);
    if (cached !== undefined) return cached;
    const row = await this.#controlPlanes.configOf(controlPlaneId);
    if (row === undefined) return null;
    const text = this.#opened(controlPlaneId, row.text);
    const checked = this.#check(text);
    if (!checked.ok) return null;
    const stored = { text, updatedAt: row.updated_at, updatedBy: row.updated_by, checked };
    this.#cache.set(controlPlaneId, stored);
    // It was kept by a version that did not seal configurations.
    if (text === row.text) await this.#keep(controlPlaneId, stored);
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
    const stored = { text, updatedAt: Date.now(), updatedBy: by, checked };
    await this.#keep(controlPlaneId, stored);
    this.#cache.set(controlPlaneId, stored);
    return stored;
  }

  async #keep(controlPlaneId: string, { text, updatedAt, updatedBy, checked }: StoredConfig): Promise<void> {
    await this.#controlPlanes.putConfig({
      control_plane_id: controlPlaneId,
      hash: checked.hash,
      text: this.#key.seal(text, contextOf(controlPlaneId)),
      updated_at: updatedAt,
      updated_by: updatedBy,
    });
  }

  #opened(controlPlaneId: string, kept: string): string {
    if (!TextKey.isSealed(kept)) return kept;
    try {
      return this.#key.open(kept, contextOf(controlPlaneId));
    } catch (error) {
      throw new AppError(
        'key_unavailable',
        `${messageOf(error)}; put the right one back from a backup, or start with --config, which replaces the configuration`,
        { cause: error },
      );
    }
  }

  /** What {@link put} would say of a text; puts nothing. */
  checked(text: string): ConfigCheck {
    return this.#check(text);
  }

  forget(controlPlaneId: string): void {
    this.#cache.delete(controlPlaneId);
  }
}

function contextOf(controlPlaneId: string): string {
  return `the configuration of control plane ${controlPlaneId}`;
}
