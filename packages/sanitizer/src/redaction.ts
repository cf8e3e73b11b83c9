/** What was masked: where, by which rule, and how often. Tells nothing of what stood there. */
export interface Redaction {
  /** `headers.<name>`, `body`, or what the caller says a text is. */
  readonly where: string;
  /**
   * `card`, `authorization`, `credentials`, `url_credentials`, `name:<name>` (a name masked by default), `key_name:<name>` (of a key-auth plugin),
   * `cut` (dropped at the end of what was cut short), `not_scanned`, or the place of an author's rule, such as `capture.redact[0]`: the
   * rule itself may hold what it is to hide.
   */
  readonly rule: string;
  readonly count: number;
}

/** Counts redactions by place and rule, in the order in which they are first met. */
export class RedactionCounter {
  readonly #counts = new Map<string, { where: string; rule: string; count: number }>();

  add(where: string, rule: string, count = 1): void {
    const key = `${where}\n${rule}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { where, rule, count });
    else known.count += count;
  }

  list(): Redaction[] {
    return [...this.#counts.values()];
  }
}
