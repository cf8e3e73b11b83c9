import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The last configuration the control plane gave, kept so that a node can start while the control plane is away. */
export class ConfigCache {
  readonly #path: string | null;

  constructor(path: string | null) {
    this.#path = path;
  }

  load(): string | null {
    if (this.#path === null) return null;
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return null;
    }
  }

  /** Replaces what is there, whole or not at all. */
  save(config: string): void {
    if (this.#path === null) return;
    const temporary = `${this.#path}.${process.pid}.new`;
    writeFileSync(temporary, config, { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}
