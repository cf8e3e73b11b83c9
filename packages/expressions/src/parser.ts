import type { Expression, Literal, Operator, Place, Subject } from './ast.ts';
import type { Diagnostics } from './diagnostic.ts';
import { tokenize } from './lexer.ts';
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

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  rule(): Expression | null {
    const expression = this.#and();
    if (!this.#gaveUp && this.#peek.kind !== 'end') {
      const { start, end, text } = this.#peek;
      this.#diagnostics.error(
        `unexpected ${text}`,
        start,
        end,
        this.#peek.kind === ')' ? 'there is one ) too many' : 'join conditions with && or ||',
      );
    }
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

  #and(): Expression | null {
    let left = this.#or();
    let mixed = left !== null && left.kind === 'or' && this.#lastOrBare;
    while (this.#peek.kind === 'and') {
      const operator = this.#take();
      const right = this.#or();
      mixed ||= this.#lastOrBare;
      if (mixed) {
        this.#diagnostics.warn(
          '|| binds tighter than && here, as in ATC',
          operator.start,
          operator.end,
          'put parentheses around what belongs together',
        );
        mixed = false;
      }
      if (left !== null && right !== null)
        left = { kind: 'and', left, right, place: span(left.place, right.place) };
      else left ??= right;
    }
    return left;
  }

  /** Whether the last {@link #or} joined terms with `||` outside parentheses. */
  #lastOrBare = false;

  #or(): Expression | null {
    let left = this.#term();
    let bare = false;
    while (this.#peek.kind === 'or') {
      this.#take();
      bare = true;
      const right = this.#term();
      if (left !== null && right !== null)
        left = { kind: 'or', left, right, place: span(left.place, right.place) };
      else left ??= right;
    }
    this.#lastOrBare = bare;
    return left;
  }

  #term(): Expression | null {
    if (this.#gaveUp) return null;
    if (++this.#depth > DEPTH_MAX) {
      this.#diagnostics.error(`a rule nests ${DEPTH_MAX} deep at most`, this.#peek.start, this.#peek.end);
      this.#gaveUp = true;
      this.#depth--;
      return null;
    }
    try {
      const not = this.#accept('not');
      if (not !== null) {
        const operand = this.#term();
        return operand === null
          ? null
          : { kind: 'not', operand, place: { start: not.start, end: operand.place.end } };
      }
      const open = this.#accept('(');
      if (open === null) return this.#predicate();
      const inner = this.#and();
      if (this.#accept(')') === null && !this.#gaveUp)
        this.#diagnostics.error('a ) is missing', open.start, open.end, 'close the parenthesis');
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #predicate(): Expression | null {
    const subject = this.#subject();
    if (subject === null) return null;
    const operator = this.#operator();
    if (operator === null) {
      const { kind, start, end, text } = this.#peek;
      if (kind === 'end' || kind === 'and' || kind === 'or' || kind === ')')
        return { kind: 'field', subject, place: subject.place };
      this.#diagnostics.error(
        `expected an operator after ${subject.field}, got ${text}`,
        start,
        end,
        'operators are == != ~ ^= =^ > >= < <= in contains',
      );
      this.#skip();
      return null;
    }
    const literal = this.#literal();
    return literal === null
      ? null
      : { kind: 'predicate', subject, operator, literal, place: span(subject.place, literal.place) };
  }

  #subject(): Subject | null {
    const token = this.#take();
    if (token.kind !== 'word') {
      const got = token.kind === 'end' ? 'the end' : token.text;
      this.#diagnostics.error(
        `expected a field, got ${got}`,
        token.start,
        token.end,
        token.kind === 'string' ? 'the field stands on the left' : null,
      );
      this.#skip();
      return null;
    }
    const name = String(token.value);
    if (this.#peek.kind === '(' && (name === 'lower' || name === 'any')) {
      this.#take();
      const inner = this.#subject();
      if (inner === null) return null;
      const close = this.#accept(')');
      if (close === null) this.#diagnostics.error(`${name}( is not closed`, token.start, token.end, 'add )');
      const place = { start: token.start, end: close?.end ?? inner.place.end };
      return { ...inner, lower: inner.lower || name === 'lower', any: inner.any || name === 'any', place };
    }
    if (this.#accept('[') === null) return { field: name, lower: false, any: false, place: token };
    const index = this.#take();
    const close = this.#accept(']');
    if (index.kind !== 'string' || close === null)
      this.#diagnostics.error(`expected ${name}["…"]`, token.start, index.end);
    return {
      field: `${name}.${String(index.value).toLowerCase().replaceAll('-', '_')}`,
      lower: false,
      any: false,
      place: { start: token.start, end: close?.end ?? index.end },
    };
  }

  #operator(): Operator | null {
    const token = this.#peek;
    if (token.kind === 'operator') {
      this.#take();
      return token.text as Operator;
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
    const token = this.#take();
    switch (token.kind) {
      case 'string':
        return { kind: 'string', value: String(token.value), bare: false, place: token };
      case 'number':
        return { kind: 'number', value: Number(token.value), text: token.text, place: token };
      case 'address':
        return { kind: 'address', value: token.text, place: token };
      case 'word':
        if (token.text === 'true' || token.text === 'false')
          return { kind: 'boolean', value: token.text === 'true', place: token };
        return { kind: 'string', value: token.text, bare: true, place: token };
      case '[':
        return this.#list(token);
      default:
        this.#diagnostics.error(
          `expected a value, got ${token.kind === 'end' ? 'the end' : token.text}`,
          token.start,
          token.end,
        );
        return null;
    }
  }

  #list(open: Token): Literal | null {
    const items: Literal[] = [];
    while (this.#peek.kind !== ']' && this.#peek.kind !== 'end') {
      const item = this.#literal();
      if (item === null) return null;
      items.push(item);
      if (this.#accept(',') === null) break;
    }
    const close = this.#accept(']');
    if (close === null) this.#diagnostics.error('the list is not closed', open.start, open.end, 'add ]');
    if (items.length === 0) this.#diagnostics.error('the list is empty', open.start, close?.end ?? open.end);
    return { kind: 'list', items, place: { start: open.start, end: close?.end ?? open.end } };
  }

  /** Passes over what can't be understood, to the next && or || or closing parenthesis. */
  #skip(): void {
    while (!['and', 'or', ')', 'end'].includes(this.#peek.kind)) this.#take();
  }
}

function span(from: Place, to: Place): Place {
  return { start: from.start, end: to.end };
}
