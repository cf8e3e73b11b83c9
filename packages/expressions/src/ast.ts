/** A place in the rule's text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A constant as written. */
export type Literal =
  | { readonly kind: 'string'; readonly value: string; readonly bare: boolean; readonly place: Place }
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly place: Place }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly place: Place }
  | { readonly kind: 'address'; readonly value: string; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Literal[]; readonly place: Place };

export type Operator =
  | '=='
  | '!='
  | '~'
  | '^='
  | '=^'
  | '>'
  | '>='
  | '<'
  | '<='
  | 'in'
  | 'not in'
  | 'contains';

/** What stands on the left of an operator: a field, with the functions around it from the inside out. */
export interface Subject {
  /** Name of the field, index included (`http.headers.x_debug`). */
  readonly field: string;
  readonly lower: boolean;
  readonly any: boolean;
  readonly place: Place;
}

export type Expression =
  | {
      readonly kind: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
      readonly place: Place;
    }
  | { readonly kind: 'not'; readonly operand: Expression; readonly place: Place }
  | {
      readonly kind: 'predicate';
      readonly subject: Subject;
      readonly operator: Operator;
      readonly literal: Literal;
      readonly place: Place;
    }
  /** A boolean field by itself. */
  | { readonly kind: 'field'; readonly subject: Subject; readonly place: Place };
