import type { Operator } from './ast.ts';
import type { FieldType } from './fields.ts';

/** An operator of the language. */
export interface OperatorDefinition {
  readonly operator: Operator;
  /** Types of the fields it compares. */
  readonly types: readonly FieldType[];
  /** Ends the sentence "holds where the field …". */
  readonly description: string;
  readonly example: string;
}

const NUMBERS = ['int', 'double'] as const;
const ALL = ['string', ...NUMBERS, 'boolean', 'ip'] as const;
const LISTED = ['string', ...NUMBERS, 'ip'] as const;

/** Every operator, in the order they are documented and offered. */
export const OPERATORS: readonly OperatorDefinition[] = [
  { operator: '==', types: ALL, description: 'is the value', example: 'http.method == GET' },
  { operator: '!=', types: ALL, description: 'has a value that is another', example: 'http.method != GET' },
  { operator: '>', types: NUMBERS, description: 'is more', example: 'proxy.kong.latency.total > 250ms' },
  { operator: '>=', types: NUMBERS, description: 'is at least', example: 'http.response.status_code >= 500' },
  { operator: '<', types: NUMBERS, description: 'is less', example: 'http.response.status_code < 400' },
  { operator: '<=', types: NUMBERS, description: 'is at most', example: 'http.request.body.size <= 1kb' },
  { operator: '^=', types: ['string'], description: 'begins with it', example: 'http.path ^= "/orders"' },
  { operator: '=^', types: ['string'], description: 'ends with it', example: 'tls.sni =^ ".example.com"' },
  {
    operator: 'contains',
    types: ['string'],
    description: 'contains it',
    example: 'http.path contains "cart"',
  },
  {
    operator: '~',
    types: ['string'],
    description: 'matches a regular expression, anywhere in the text',
    example: 'http.path ~ r#"^/v\\d+/users"#',
  },
  {
    operator: 'in',
    types: LISTED,
    description: 'is one of a list; an address: lies in a network, or in one of a list of networks',
    example: 'http.response.status_code in [502, 503]',
  },
  {
    operator: 'not in',
    types: LISTED,
    description: 'has a value that is none of the list, or lies in none of the networks',
    example: 'net.src.ip not in [10.0.0.0/8, fd00::/8]',
  },
];

/** A function around a field. */
export interface FunctionDefinition {
  readonly name: 'any' | 'lower' | 'span';
  readonly description: string;
  readonly example: string;
}

export const FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'any',
    description: 'asks for one value of several, where without it every one must do',
    example: 'any(http.headers.x_debug) == "1"',
  },
  {
    name: 'lower',
    description: 'compares the field in lower case; the value stays as it is',
    example: 'lower(http.headers.user_agent) contains "curl"',
  },
  {
    name: 'span',
    description: 'asks for the duration, the count or the failure of the spans of a name',
    example: 'span("kong.access.plugin.rate-limiting").duration > 5ms',
  },
];
