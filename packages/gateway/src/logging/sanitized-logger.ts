import { type LogAttributes, type Logger, type LogLevel, levelRank } from '@gatescope/base';
import type { Sanitizer } from '@gatescope/sanitizer';

/** Masks secrets in every line before it reaches a log. */
export class SanitizedLogger implements Logger {
  readonly #logger: Logger;
  readonly #least: number;
  #sanitizer: Sanitizer;

  constructor(logger: Logger, sanitizer: Sanitizer) {
    this.#logger = logger;
    this.#least = logger.least === undefined ? 0 : levelRank(logger.least);
    this.#sanitizer = sanitizer;
  }

  get least(): LogLevel | undefined {
    return this.#logger.least;
  }

  /** From now on with other rules, as names of keys in a new configuration. */
  use(sanitizer: Sanitizer): void {
    this.#sanitizer = sanitizer;
  }

  log(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    if (levelRank(level) < this.#least) return;
    const { text } = this.#sanitizer.text(message);
    this.#logger.log(level, type, text, attributes === undefined ? undefined : this.#clean(attributes));
  }

  /** A value is seen with its name: `authorization` says what it is. A number can be a card's. */
  #shown(name: string, value: string | number): string | number {
    const text = String(value);
    const shown = this.#sanitizer.headers([[name, text]]).headers[0]![1];
    return shown === text ? value : shown;
  }

  #clean(attributes: LogAttributes): LogAttributes {
    const clean: Record<string, string | number | boolean | null> = {};
    for (const [name, value] of Object.entries(attributes))
      clean[name] = typeof value === 'boolean' || value === null ? value : this.#shown(name, value);
    return clean;
  }
}
