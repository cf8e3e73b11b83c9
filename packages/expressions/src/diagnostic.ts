/** Something to say about a rule. Lines and columns count from 1, in UTF-16 code units. */
export interface Diagnostic {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly severity: 'error' | 'warning';
  /** How to mend it, where that is known. */
  readonly suggestion: string | null;
}

/** Makes diagnostics for a text from offsets: the first {@link DIAGNOSTICS_MAX}, errors before warnings. */
export class Diagnostics {
  readonly #text: string;
  readonly list: Diagnostic[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  get hasErrors(): boolean {
    return this.list.some((diagnostic) => diagnostic.severity === 'error');
  }

  error(message: string, start: number, end: number, suggestion: string | null = null): void {
    this.#add('error', message, start, end, suggestion);
  }

  warn(message: string, start: number, end: number, suggestion: string | null = null): void {
    this.#add('warning', message, start, end, suggestion);
  }

  #add(
    severity: 'error' | 'warning',
    message: string,
    start: number,
    end: number,
    suggestion: string | null,
  ): void {
    if (this.list.length >= DIAGNOSTICS_MAX) {
      // Without room a rule with an error must still be seen to have one.
      const warning =
        severity === 'error' ? this.list.findLastIndex((one) => one.severity === 'warning') : -1;
      if (warning < 0) return;
      this.list.splice(warning, 1);
    }
    const before = this.#text.slice(0, start);
    const line = before.split('\n').length;
    const column = start - (before.lastIndexOf('\n') + 1) + 1;
    this.list.push({ message, line, column, length: Math.max(1, end - start), severity, suggestion });
  }
}

/** Diagnostics told for one rule. */
export const DIAGNOSTICS_MAX = 50;
