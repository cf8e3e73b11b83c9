/** Thrown by the parser where a path is wrong; the parser's caller catches it. */
export class JsonPathMistake extends Error {
  /** Counted from 0, in UTF-16 code units. */
  readonly at: number;
  readonly suggestion: string;

  constructor(message: string, at: number, suggestion: string) {
    super(message);
    this.at = at;
    this.suggestion = suggestion;
  }
}

const INTEGER = /(?:0|-?[1-9][0-9]*)/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** RFC 9535, 2.5.1.1: `member-name-shorthand`. */
const NAME = /[A-Za-z_\u{80}-\u{d7ff}\u{e000}-\u{10ffff}][A-Za-z0-9_\u{80}-\u{d7ff}\u{e000}-\u{10ffff}]*/uy;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '/': '/',
  '\\': '\\',
};

/** Reads the tokens of a JSONPath. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '.')) this.at++;
  }

  startsWith(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  /** Takes the token if it is next. */
  take(token: string): boolean {
    if (!this.startsWith(token)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string, suggestion: string): void {
    if (!this.take(token)) throw this.mistake(`expected ${token} ${this.#found()}`, suggestion);
  }

  mistake(message: string, suggestion: string, at = this.at): JsonPathMistake {
    return new JsonPathMistake(message, at, suggestion);
  }

  unexpected(expected: string, suggestion: string): JsonPathMistake {
    return this.mistake(`expected ${expected} ${this.#found()}`, suggestion);
  }

  name(): string | null {
    return this.#match(NAME);
  }

  /** Throws where it is beyond what numbers hold exactly (RFC 9535, 2.1). */
  integer(): number | null {
    const start = this.at;
    const digits = this.#match(INTEGER);
    if (digits === null) return null;
    const value = Number(digits);
    if (Number.isSafeInteger(value)) return value;
    throw this.mistake(`${digits} is too large`, 'an index is at most 9007199254740991', start);
  }

  number(): number | null {
    const digits = this.#match(NUMBER);
    return digits === null ? null : Number(digits);
  }

  /** A string in single or double quotes with its escapes decoded; null where none is next. */
  string(): string | null {
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") return null;
    const start = this.at++;
    let value = '';
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined)
        throw this.mistake('the string is not closed', `close it with ${quote}`, start);
      if (character < ' ') throw this.mistake('a control character in a string', 'write it as an escape');
      this.at++;
      if (character === quote) return value;
      value += character === '\\' ? this.#escape(quote) : character;
    }
  }

  #escape(quote: string): string {
    const start = this.at - 1;
    const letter = this.text[this.at++] ?? '';
    if (letter === quote) return quote;
    const plain = ESCAPES[letter];
    if (plain !== undefined) return plain;
    if (letter !== 'u')
      throw this.mistake(`there is no escape \\${letter}`, 'write \\\\ for a backslash', start);
    const unit = this.#hexUnit(start);
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit < 0xdc00 && this.take('\\u')) {
      const low = this.#hexUnit(start);
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
    }
    throw this.mistake('half of a surrogate pair', 'write both halves, or the character itself', start);
  }

  #hexUnit(start: number): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9A-Fa-f]{4}$/.test(digits))
      throw this.mistake('\\u takes four hexadecimal digits', 'write them all', start);
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  #match(expression: RegExp): string | null {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  #found(): string {
    return this.isAtEnd ? 'at the end' : `before ${JSON.stringify(this.text.slice(this.at, this.at + 10))}`;
  }
}
