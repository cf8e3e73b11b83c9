import type { Expression, Literal, Operator, Place, Subject } from './ast.ts';
import type { Diagnostics } from './diagnostic.ts';
import { tokenize } from './lexer.ts';
import { print } from './print.ts';
import type { Token, TokenKind } from './token.ts';

/** How deep parentheses and negations may nest. */
export const DEPTH_MAX = 64;
/** Characters of a rule, at most. */
export const RULE_CHARACTERS_MAX = 16_384;

/**
 * Parses a rule. Never throws: what is wrong is told, parsing goes on behind it, and null is given where nothing could be made of the
 * text. As in ATC, `||` binds tighter than `&&`; a rule that mixes them without parentheses is warned about.
 */
export function parse(text: string, diagnostics: Diagnostics): Expression | null {
  if (text.length > RULE_CHARACTERS_MAX) {
    diagnostics.error(`a rule has ${RULE_CHARACTERS_MAX} characters at most`, 0, 1);
    return null;
  }
  const tokens = tokenize(text, diagnostics);
  if (tokens.length === 1) {
    diagnostics.error('the rule is empty', 0, 1, 'for example: http.response.status_code == 503');
    return null;
  }
  return new Parser(tokens, diagnostics).rule();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostics;
  #at = 0;
  #depth = 0;
  #gaveUp = false;
  /** The token last complained of: nothing more is said of it. */
  #told: Token | null = null;
  /** Whether the last {@link #or} joined terms with `||` outside parentheses. */
  #lastOrBare = false;

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  rule(): Expression | null {
    const expression = this.#and();
    const { kind, text } = this.#peek;
    if (kind !== 'end')
      this.#error(
        `unexpected ${text}`,
        kind === ')' ? 'there is one ) too many' : 'join conditions with && or ||',
      );
    return expression;
  }

  get #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#peek;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #accept(kind: TokenKind): Token | null {
    return this.#peek.kind === kind ? this.#take() : null;
  }

  /** Says what is wrong with the next token. */
  #error(message: string, suggestion: string | null): void {
    const token = this.#peek;
    if (this.#gaveUp || this.#told === token) return;
    this.#told = token;
    this.#diagnostics.error(message, token.start, token.end, suggestion);
  }

  /** Says what is wrong with a piece of the text. */
  #errorAt(place: Place, message: string, suggestion: string | null): void {
    if (!this.#gaveUp) this.#diagnostics.error(message, place.start, place.end, suggestion);
  }

  /** Runs what reads the next level of nesting, unless that is one too deep. */
  #nested<T>(read: () => T | null): T | null {
    if (this.#gaveUp) return null;
    if (this.#depth === DEPTH_MAX) {
      this.#error(`a rule nests ${DEPTH_MAX} deep at most`, null);
      this.#gaveUp = true;
      return null;
    }
    this.#depth++;
    const result = read();
    this.#depth--;
    return result;
  }

  #and(): Expression | null {
    let left = this.#or();
    let bare = this.#lastOrBare;
    let mixedAt: Token | null = null;
    while (this.#peek.kind === 'and') {
      const operator = this.#take();
      const right = this.#or();
      bare ||= this.#lastOrBare;
      if (bare) mixedAt ??= operator;
      left = join('and', left, right);
    }
    if (mixedAt !== null && left !== null) this.#warnOfMixture(mixedAt, left);
    return left;
  }

  #warnOfMixture(operator: Token, expression: Expression): void {
    const text = print(expression);
    const suggestion =
      text.length > SHOWN_CHARACTERS_MAX
        ? 'put parentheses around what belongs together'
        : `it is read as ${text}`;
    this.#diagnostics.warn(
      '|| binds tighter than && here, as in ATC',
      operator.start,
      operator.end,
      suggestion,
    );
  }

  #or(): Expression | null {
    let left = this.#term();
    let bare = false;
    while (this.#accept('or') !== null) {
      const right = this.#term();
      bare ||= left !== null && right !== null;
      left = join('or', left, right);
    }
    this.#lastOrBare = bare;
    return left;
  }

  #term(): Expression | null {
    return this.#nested(() => {
      const not = this.#accept('not');
      if (not !== null) {
        const operand = this.#term();
        return operand === null ? null : { kind: 'not', operand, place: span(not, operand.place) };
      }
      const open = this.#accept('(');
      if (open === null) return this.#predicate();
      const inner = this.#and();
      if (this.#accept(')') === null) this.#errorAt(open, 'a ) is missing', 'close the parenthesis');
      return inner;
    });
  }

  #predicate(): Expression | null {
    const subject = this.#subject();
    if (subject === null) return null;
    const operator = this.#operator();
    if (operator === null) {
      const { kind, text } = this.#peek;
      if (kind === 'end' || kind === 'and' || kind === 'or' || kind === ')')
        return { kind: 'field', subject, place: subject.place };
      this.#error(
        `expected an operator after ${subject.field}, got ${text}`,
        'operators are == != ~ ^= =^ > >= < <= in contains',
      );
      this.#skip();
      return null;
    }
    const literal = this.#literal();
    if (literal === null) {
      this.#skip();
      return null;
    }
    return { kind: 'predicate', subject, operator, literal, place: span(subject.place, literal.place) };
  }

  #subject(): Subject | null {
    const token = this.#accept('word');
    if (token === null) {
      const { kind, text } = this.#peek;
      const isValue = kind === 'string' || kind === 'number' || kind === 'address';
      this.#error(
        `expected a field, got ${kind === 'end' ? 'the end' : text}`,
        isValue ? 'the field stands on the left' : null,
      );
      this.#skip();
      return null;
    }
    const name = token.text;
    if ((name === 'lower' || name === 'any') && this.#accept('(') !== null) return this.#call(name, token);
    if (name === 'span' && this.#accept('(') !== null) return this.#spanField(token);
    const open = this.#accept('[');
    if (open === null) return { field: name, lower: false, any: false, place: token };
    const index = this.#take();
    const close = this.#accept(']');
    const end = (close ?? index).end;
    if (index.kind !== 'string' || close === null)
      this.#errorAt({ start: open.start, end }, `expected ${name}["…"]`, null);
    const field = `${name}.${indexOf(name, String(index.value))}`;
    return { field, lower: false, any: false, place: { start: token.start, end } };
  }

  /** The rest of `span("…").duration`. */
  #spanField(token: Token): Subject | null {
    const name = this.#accept('string') ?? this.#accept('word');
    const close = name === null ? null : this.#accept(')');
    const member = close === null ? null : this.#accept('member');
    if (name === null || close === null || member === null) {
      const { text } = this.#peek;
      this.#error(
        `expected ${name === null ? 'the name of a span' : close === null ? ')' : `.${SPAN_MEMBERS.join(', .')}`}, got ${text === '' ? 'the end' : text}`,
        'for example: span("kong.router").duration',
      );
      this.#skip();
      if (close === null && this.#accept(')') !== null) this.#skip();
      return null;
    }
    if (!SPAN_MEMBERS.includes(String(member.value))) {
      this.#errorAt(member, `a span has no ${member.text}`, `a span has .${SPAN_MEMBERS.join(', .')}`);
      this.#skip();
      return null;
    }
    const field = `span("${name.value}")${member.text}`;
    return { field, lower: false, any: false, place: span(token, member) };
  }

  /** The rest of `lower(…` or `any(…`. */
  #call(name: 'lower' | 'any', token: Token): Subject | null {
    const inner = this.#nested(() => this.#subject());
    const close = this.#accept(')');
    if (inner === null) {
      this.#skip();
      return null;
    }
    if (close === null) this.#errorAt(token, `${name}( is not closed`, 'add )');
    const place = span(token, close ?? inner.place);
    return { ...inner, lower: inner.lower || name === 'lower', any: inner.any || name === 'any', place };
  }

  #operator(): Operator | null {
    const token = this.#peek;
    if (token.kind === 'operator') {
      this.#take();
      return token.value as Operator;
    }
    const next = this.#tokens[this.#at + 1];
    if (token.kind === 'not' && token.text === 'not' && next?.text === 'in') {
      this.#take();
      this.#take();
      return 'not in';
    }
    return null;
  }

  #literal(): Literal | null {
    const token = this.#peek;
    switch (token.kind) {
      case 'string':
        this.#take();
        return { kind: 'string', value: String(token.value), bare: false, place: token };
      case 'number':
        this.#take();
        return { kind: 'number', value: Number(token.value), text: token.text, place: token };
      case 'address':
        this.#take();
        return { kind: 'address', value: token.text, place: token };
      case 'word':
        this.#take();
        if (token.text === 'true' || token.text === 'false')
          return { kind: 'boolean', value: token.text === 'true', place: token };
        return { kind: 'string', value: token.text, bare: true, place: token };
      case '[':
        return this.#list(this.#take());
      default:
        this.#error(`expected a value, got ${token.kind === 'end' ? 'the end' : token.text}`, null);
        return null;
    }
  }

  #list(open: Token): Literal | null {
    const items: Literal[] = [];
    while (this.#peek.kind !== ']' && this.#peek.kind !== 'end') {
      if (this.#peek.kind === '[') {
        this.#error('a list holds no lists', null);
        return null;
      }
      const item = this.#literal();
      if (item === null) return null;
      items.push(item);
      if (this.#accept(',') === null) break;
    }
    const close = this.#accept(']');
    const place = span(open, close ?? open);
    if (close === null) this.#errorAt(place, 'the list is not closed', 'add ]');
    else if (items.length === 0) this.#errorAt(place, 'the list is empty', null);
    return { kind: 'list', items, place };
  }

  /** Passes over what can't be understood, to the next && or || or closing parenthesis. */
  #skip(): void {
    while (!['and', 'or', ')', 'end'].includes(this.#peek.kind)) this.#take();
  }
}

/** What a rule can ask of spans. */
const SPAN_MEMBERS = ['duration', 'count', 'error'];
/** Characters of a rule shown as it was read, at most. */
const SHOWN_CHARACTERS_MAX = 300;

function join(kind: 'and' | 'or', left: Expression | null, right: Expression | null): Expression | null {
  if (left === null || right === null) return left ?? right;
  return { kind, left, right, place: span(left.place, right.place) };
}

/** What a name in brackets is called in a field's name: header fields as ATC writes them, anything else as it is. */
function indexOf(name: string, index: string): string {
  return /^http(\.response)?\.headers$/.test(name) ? index.toLowerCase().replaceAll('-', '_') : index;
}

function span(from: Place, to: Place): Place {
  return { start: from.start, end: to.end };
}
