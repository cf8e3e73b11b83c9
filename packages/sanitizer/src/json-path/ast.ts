import type { EncodedName } from '../json/json-document.ts';
import type { Pattern } from '../pattern/pattern.ts';

/** RFC 9535, 2.1: a query from the root (`$`) or from the node that a filter looks at (`@`). */
export interface Query {
  readonly isRelative: boolean;
  readonly segments: readonly Segment[];
  /** It gives one node at most (2.3.5.1). */
  readonly isSingular: boolean;
}

export interface Segment {
  /** `..`: applied to each node and to all that it holds. */
  readonly isDescendant: boolean;
  readonly selectors: readonly Selector[];
}

export type Selector =
  | { readonly kind: 'name'; readonly name: EncodedName }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'index'; readonly index: number }
  | {
      readonly kind: 'slice';
      readonly start: number | null;
      readonly end: number | null;
      readonly step: number;
    }
  | {
      readonly kind: 'filter';
      readonly test: Logical;
      /** It may depend on what stands elsewhere in the document. */
      readonly usesRoot: boolean;
    };

export type Logical =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Logical[] }
  | { readonly kind: 'not'; readonly part: Logical }
  | { readonly kind: 'exists'; readonly query: Query }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly left: Comparable;
      readonly right: Comparable;
    }
  | Call<'match' | 'search'>;

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Comparable =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'query'; readonly query: Query }
  | Call<'length' | 'count' | 'value'>;

export interface Call<Name extends FunctionName = FunctionName> {
  readonly kind: 'call';
  readonly name: Name;
  readonly parameters: readonly Comparable[];
  /** Of `match` and `search`, where the pattern is a literal. */
  readonly pattern: Pattern | null;
}

export type FunctionName = 'length' | 'count' | 'value' | 'match' | 'search';
