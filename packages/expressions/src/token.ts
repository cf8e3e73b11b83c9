export type TokenKind =
  | 'word'
  /** `.name` behind a closing parenthesis. */
  | 'member'
  | 'string'
  | 'number'
  | 'address'
  | 'operator'
  | 'and'
  | 'or'
  | 'not'
  | '('
  | ')'
  | '['
  | ']'
  | ','
  | 'end';

/** A piece of a rule's text; `value` is what it stands for, escapes resolved. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value: string | number;
  readonly start: number;
  readonly end: number;
}
