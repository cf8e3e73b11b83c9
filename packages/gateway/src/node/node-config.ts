import { readFileSync } from 'node:fs';
import { AppError, type Logger, messageOf } from '@gatescope/base';
import { checkConfig } from '../config/check-config.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { ConfigCache } from './config-cache.ts';

export interface NodeConfigOptions {
  /** What it may use; undefined: what comes with the gateway. */
  readonly plugins: PluginRegistry | undefined;
  /** The kong.yml of a node without a control plane; null: it comes from there. */
  readonly path: string | null;
  /** Where the last one is kept for the next start; null: nowhere. */
  readonly cachePath: string | null;
  readonly logger: Logger;
}

/** The configuration that a node serves. */
export class NodeConfig {
  readonly #options: NodeConfigOptions;
  readonly #cache: ConfigCache;
  #inForce: { readonly text: string; readonly hash: string } | null = null;

  constructor(options: NodeConfigOptions) {
    this.#options = options;
    this.#cache = new ConfigCache(options.cachePath);
  }

  /** Null: none has come yet. */
  get text(): string | null {
    return this.#inForce?.text ?? null;
  }

  get hash(): string | null {
    return this.#inForce?.hash ?? null;
  }

  /** What its file says now; null: it has none. */
  read(): string | null {
    const { path } = this.#options;
    return path === null ? null : readFileSync(path, 'utf8');
  }

  /** Takes what the node begins with: its file, or what was kept last. Throws `invalid_config` where the file is wrong. */
  load(): void {
    const told = this.read();
    const text = told ?? this.#cache.load();
    if (text === null) return;
    const check = this.check(text);
    if (check.ok) this.#inForce = { text, hash: check.hash };
    else if (told !== null)
      throw new AppError(
        'invalid_config',
        `${this.#options.path} is not valid: ${check.errors[0]?.message ?? ''}`,
        { details: check.errors },
      );
  }

  check(text: string): ReturnType<typeof checkConfig> {
    return checkConfig(text, this.#options.plugins);
  }

  /** The workers serve this from now on, and the node begins with it the next time. */
  use(text: string, hash: string): void {
    this.#inForce = { text, hash };
    try {
      this.#cache.save(text);
    } catch (error) {
      this.#options.logger.log(
        'warn',
        'config',
        `the configuration could not be kept for the next start: ${messageOf(error)}`,
      );
    }
  }
}
