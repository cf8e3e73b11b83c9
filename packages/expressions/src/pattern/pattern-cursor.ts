import { PatternError } from './pattern-node.ts';

/** Reads a pattern one character (code point) after the other. */
export class PatternCursor {
  readonly #characters: readonly string[];
  at = 0;

  constructor(pattern: string) {
    this.#characters = [...pattern];
  }

  /** The next character, or one further on; undefined behind the last. */
  peek(ahead = 0): string | undefined {
    return this.#characters[this.at + ahead];
  }

  /** Whether the next characters are these. */
  sees(text: string): boolean {
    for (let index = 0; index < text.length; index++) if (this.peek(index) !== text[index]) return false;
    return true;
  }

  /** Takes the next characters if they are these. */
  accept(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes the next character. */
  take(what: string): string {
    const character = this.peek();
    if (character === undefined) throw this.error(`${what} is missing at the end`);
    this.at++;
    return character;
  }

  /** Takes what stands before the next `end`, and that too. */
  takeUntil(end: string, what: string): string {
    const start = this.at;
    while (this.peek() !== end) this.take(`${end} behind ${what}`);
    return this.#characters.slice(start, this.at++).join('');
  }

  /** What is wrong at the next character. */
  error(message: string, at = this.at, suggestion: string | null = null): PatternError {
    return new PatternError(message, at, suggestion);
  }
}
