import { AppError, type ErrorDetail } from '@gatescope/base';
import type { LocalKey } from '@gatescope/envelope';
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

/** What a sealed configuration begins with: nothing that YAML or JSON could. */
const SEALED = '%sealed1 ';

/** The configurations of the control planes, each checked before it is kept. */
export class ConfigStore {
  readonly #controlPlanes: ControlPlaneRepository;
  readonly #check: CheckConfig;
  readonly #key: LocalKey;
  readonly #cache = new Map<string, StoredConfig>();

  /** `key` is what configurations are sealed with where they are kept: they hold keys and passwords. */
  constructor({ controlPlanes }: Pick<Repositories, 'controlPlanes'>, check: CheckConfig, key: LocalKey) {
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
    const text = await this.#opened(controlPlaneId, row.text);
    const checked = this.#check(text);
    if (!checked.ok) return null;
    const stored = { text, updatedAt: row.updated_at, updatedBy: row.updated_by, checked };
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
      text: await this.#sealed(controlPlaneId, text),
      updated_at: updatedAt,
      updated_by: by,
    });
    const stored = { text, updatedAt, updatedBy: by, checked };
    this.#cache.set(controlPlaneId, stored);
    return stored;
  }

  async #sealed(controlPlaneId: string, text: string): Promise<string> {
    const bytes = await this.#key.wrap(Buffer.from(text), contextOf(controlPlaneId));
    return `${SEALED}${Buffer.from(bytes).toString('base64')}`;
  }

  /** One that was kept before configurations were sealed is as it is. */
  async #opened(controlPlaneId: string, kept: string): Promise<string> {
    if (!kept.startsWith(SEALED)) return kept;
    const bytes = Buffer.from(kept.slice(SEALED.length), 'base64');
    return (await this.#key.unwrap(bytes, contextOf(controlPlaneId))).toString();
  }

  /** What {@link put} would say of a text; puts nothing. */
  checked(text: string): ConfigCheck {
    return this.#check(text);
  }

  forget(controlPlaneId: string): void {
    this.#cache.delete(controlPlaneId);
  }
}

function contextOf(controlPlaneId: string): Uint8Array {
  return Buffer.from(JSON.stringify(['gatescope configuration', controlPlaneId]));
}
