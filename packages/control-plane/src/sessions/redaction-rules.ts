import type { RedactionRule, RedactionSettings } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import type { Repositories } from '../store/repositories.ts';
import { timestamp } from '../time.ts';

const SETTING = 'redaction';

interface Kept {
  readonly rules: RedactionRule[];
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The organisation's redaction rules. Nodes get them with every session. */
export class RedactionRules {
  readonly #settings: Repositories['settings'];

  constructor({ settings }: Pick<Repositories, 'settings'>) {
    this.#settings = settings;
  }

  async rules(): Promise<readonly RedactionRule[]> {
    return (await this.#read())?.rules ?? [];
  }

  async view(): Promise<RedactionSettings> {
    const kept = await this.#read();
    if (kept === null) return { rules: [], updated_by: null, updated_at: null };
    return { rules: kept.rules, updated_by: kept.by, updated_at: timestamp(kept.at) };
  }

  /** Puts rules in place of those before. Throws `invalid_request` with the place of all that is wrong. */
  async put(rules: RedactionRule[], by: string): Promise<void> {
    createSanitizer({ rules: [{ place: 'rules', rules }] });
    await this.#settings.set(SETTING, JSON.stringify({ rules, by, at: Date.now() } satisfies Kept));
  }

  async #read(): Promise<Kept | null> {
    const value = await this.#settings.get(SETTING);
    return value === undefined ? null : (JSON.parse(value) as Kept);
  }
}
