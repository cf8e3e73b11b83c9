import { Diagnostics } from './diagnostic.ts';
import { type FieldDefinition, resolveField } from './fields.ts';
import { tokenize } from './lexer.ts';
import { OPERATORS } from './operators.ts';
import type { Token } from './token.ts';

/** What can stand at a place of a rule. */
export type Expected =
  | { readonly what: 'field'; readonly inside: 'lower' | 'any' | null }
  | { readonly what: 'operator'; readonly field: FieldDefinition }
  | {
      readonly what: 'value';
      readonly field: FieldDefinition;
      readonly operator: string;
      /** The values before it, where it stands in a list. */
      readonly listed: readonly string[] | null;
    }
  /** What joins conditions, or the end of a parenthesis that is open. */
  | { readonly what: 'join'; readonly open: boolean }
  | { readonly what: 'span name' }
  | { readonly what: 'span member' }
  | { readonly what: 'nothing' };

/** Where the caret is in a rule: what is expected, what is there of it, and where that begins. */
export interface CaretPlace {
  readonly expected: Expected;
  readonly prefix: string;
  readonly from: number;
  /** The quote the prefix began with, or null. */
  readonly quote: '"' | "'" | null;
}

const NOTHING: Expected = { what: 'nothing' };

/** Finds out what can be written at the caret from what is before it. */
export function caretPlace(text: string, caret: number): CaretPlace {
  const before = text.slice(0, caret);
  const diagnostics = new Diagnostics(before);
  const tokens = tokenize(before, diagnostics).slice(0, -1);
  const last = tokens.at(-1);
  const afterAll = (from: number): CaretPlace => ({
    expected: expectedAfter(tokens),
    prefix: '',
    from,
    quote: null,
  });
  if (last?.kind === ')' && before.endsWith(').')) return afterAll(caret - 1);
  // The half of an operator that is no token yet.
  if (before.endsWith('^')) return { ...afterAll(caret - 1), prefix: '^' };
  if (last === undefined || last.end < caret) return afterAll(caret);
  const expected = expectedAfter(tokens.slice(0, -1));
  if (last.kind === 'string') {
    const quote = last.text[0];
    const isOpen = diagnostics.list.some(({ message }) => message === 'the text has no closing quote');
    if (isOpen && (quote === '"' || quote === "'"))
      return { expected, prefix: String(last.value), from: last.start, quote };
    return { expected: NOTHING, prefix: '', from: caret, quote: null };
  }
  if (isWhole(last, expected)) return afterAll(caret);
  const prefix = last.kind === 'member' ? String(last.value) : last.text;
  return { expected, prefix, from: last.start, quote: null };
}

/** Whether a token that ends at the caret is done with, so that what follows it is expected. */
function isWhole({ kind, text }: Token, expected: Expected): boolean {
  switch (kind) {
    case 'word':
    case 'member':
    case 'number':
    case 'address':
      return false;
    case 'operator':
      return OPERATORS.some(({ operator }) => operator === text) && !/^[a-z]/.test(text);
    case 'and':
    case 'or':
      return text === '&&' || text === '||';
    case 'not':
      return text === '!' && expected.what !== 'operator';
    default:
      return true;
  }
}

/** What can follow some tokens. */
function expectedAfter(tokens: readonly Token[]): Expected {
  const walk = new Walk();
  for (const token of tokens) walk.step(token);
  return walk.expected;
}

/** Goes from token to token as the parser does; where something is not as it should be, nothing is expected until the next && or ||. */
class Walk {
  expected: Expected = { what: 'field', inside: null };
  /** Open parentheses: of a group, or of a function by its name. */
  readonly #open: ('group' | 'lower' | 'any' | 'span')[] = [];
  /** The last word where a field stands, which may turn out to be a function's name. */
  #name = '';
  #field: FieldDefinition | null = null;
  #list: Extract<Expected, { what: 'value' }> | null = null;

  step(token: Token): void {
    switch (token.kind) {
      case 'and':
      case 'or':
        this.#expectField();
        return;
      case 'not':
        if (this.expected.what === 'operator') this.#name = 'not';
        return;
      case '(':
        this.#openParenthesis();
        return;
      case ')':
        this.#closeParenthesis();
        return;
      case '[':
        if (this.expected.what === 'value') this.expected = this.#list = { ...this.expected, listed: [] };
        else this.expected = NOTHING;
        return;
      case ']':
        if (this.#list === null) this.#expectOperator();
        else this.#expectJoin();
        return;
      case ',':
        this.expected = this.#list ?? NOTHING;
        return;
      default:
        this.#word(token);
    }
  }

  #word(token: Token): void {
    const { expected } = this;
    switch (expected.what) {
      case 'field':
        this.#name = token.text;
        this.#field = resolveField(token.text)?.definition ?? null;
        this.#expectOperator();
        return;
      case 'operator':
        if (token.kind === 'operator') this.#expectValue(token.text);
        else this.expected = NOTHING;
        return;
      case 'value':
        this.#value(expected, String(token.value));
        return;
      case 'span name':
        this.#name = `span("${token.value}")`;
        this.expected = NOTHING;
        return;
      case 'span member':
        this.#field = resolveField(`${this.#name}.${token.value}`)?.definition ?? null;
        this.#expectOperator();
        return;
      case 'nothing':
        // What stands in the brackets of `http.headers["x-debug"]`.
        if (token.kind === 'string' && this.#list === null)
          this.#field = resolveField(`${this.#name}.${token.value}`)?.definition ?? null;
        return;
      case 'join':
        this.expected = NOTHING;
    }
  }

  #value(expected: Extract<Expected, { what: 'value' }>, value: string): void {
    if (expected.listed === null) {
      this.#expectJoin();
      return;
    }
    this.#list = { ...expected, listed: [...expected.listed, value] };
    this.expected = NOTHING;
  }

  #openParenthesis(): void {
    const name = this.#name;
    if (this.expected.what === 'nothing' && (name === 'lower' || name === 'any' || name === 'span')) {
      this.#open.push(name);
      this.expected = name === 'span' ? { what: 'span name' } : { what: 'field', inside: name };
      return;
    }
    this.#open.push('group');
    this.#expectField();
  }

  #closeParenthesis(): void {
    const closed = this.#open.pop();
    if (closed === 'span') this.expected = { what: 'span member' };
    else if (closed === 'lower' || closed === 'any') this.#expectOperator();
    else this.#expectJoin();
  }

  #expectField(): void {
    this.expected = { what: 'field', inside: null };
    this.#name = '';
    this.#field = null;
    this.#list = null;
  }

  /** Within a function there is nothing to come but its end. */
  #expectOperator(): void {
    const isWithin = (this.#open.at(-1) ?? 'group') !== 'group';
    this.expected = isWithin || this.#field === null ? NOTHING : { what: 'operator', field: this.#field };
  }

  #expectValue(text: string): void {
    const operator = this.#name === 'not' ? `not ${text}` : text;
    this.expected = { what: 'value', field: this.#field!, operator, listed: null };
  }

  #expectJoin(): void {
    this.expected = { what: 'join', open: this.#open.includes('group') };
    this.#list = null;
  }
}
