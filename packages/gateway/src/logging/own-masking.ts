import { createSanitizer, type RedactionRule, type Sanitizer } from '@gatescope/sanitizer';
import { cpuMs } from '../capture/sanitizers.ts';

/**
 * How the node's own logs are masked: as everything is, the values of key-auth's names included, and while sessions are armed by their rules as
 * well. What the author of a session has said must not be told is then told nowhere.
 */
export class OwnMasking {
  readonly #onChange: (sanitizer: Sanitizer) => void;
  #keyNames: readonly string[] = [];
  #rules: readonly (readonly RedactionRule[])[] = [];

  /** `onChange` gets what masks from now on. */
  constructor(onChange: (sanitizer: Sanitizer) => void) {
    this.#onChange = onChange;
  }

  useKeyNames(keyNames: readonly string[]): void {
    this.#keyNames = keyNames;
    this.#change();
  }

  /** The rules of the sessions that are armed, which have been compiled before. */
  maskFor(sessionRules: readonly (readonly RedactionRule[])[]): void {
    const rules = sessionRules.filter((one) => one.length > 0);
    if (rules.length === this.#rules.length && rules.every((one, index) => one === this.#rules[index]))
      return;
    this.#rules = rules;
    this.#change();
  }

  #change(): void {
    const rules = this.#rules.map((one) => ({ place: 'capture.redact', rules: one }));
    this.#onChange(createSanitizer({ rules, keyNames: this.#keyNames, cpuMs }));
  }
}
