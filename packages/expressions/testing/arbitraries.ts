import fc from 'fast-check';
import type { Expression, Literal, Operator, Subject } from '../src/ast.ts';
import { FIELDS, type FieldType } from '../src/index.ts';

const place = { start: 0, end: 0 };

const text = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'ab', 'aba', 'GET', '/orders', '1', 'true', '10.0.0.1', 'É"\\\n\r\t'),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const word = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,8}$/)
  .filter((value) => !/^(and|or|not|in|contains|true|false)$/.test(value));

export const stringLiteral: fc.Arbitrary<Literal> = fc.oneof(
  text.map((value): Literal => ({ kind: 'string', value, bare: false, place })),
  word.map((value): Literal => ({ kind: 'string', value, bare: true, place })),
);
export const numberLiteral: fc.Arbitrary<Literal> = fc
  .oneof(
    fc.integer({ min: -3, max: 600 }).map((value) => ({ text: String(value), value: value + 0 })),
    fc.constantFrom(
      { text: '0x1F', value: 31 },
      { text: '017', value: 15 },
      { text: '1.5', value: 1.5 },
      { text: '-2.25', value: -2.25 },
    ),
  )
  .map(({ text, value }): Literal => ({ kind: 'number', value, text, place }));
const address = (value: string): Literal => ({ kind: 'address', value, place });
export const addressLiteral = fc.constantFrom('10.0.0.1', '192.168.1.7', '::1', '2001:db8::1').map(address);
export const networkLiteral = fc
  .constantFrom('10.0.0.0/8', '0.0.0.0/0', '192.168.1.7/32', '2001:db8::/32', '::/0')
  .map(address);
const booleanLiteral = fc.boolean().map((value): Literal => ({ kind: 'boolean', value, place }));

function listOf(item: fc.Arbitrary<Literal>): fc.Arbitrary<Literal> {
  return fc
    .array(item, { minLength: 1, maxLength: 4 })
    .map((items): Literal => ({ kind: 'list', items, place }));
}

type Comparison = fc.Arbitrary<readonly [Operator, Literal]>;

const compare = (operators: readonly Operator[], literal: fc.Arbitrary<Literal>): Comparison =>
  fc.tuple(fc.constantFrom(...operators), literal);
const pattern = fc
  .constantFrom('a', '^a', 'b$', '^/v\\d+', '(?i)get', '[^a]', '.', '')
  .map((value): Literal => ({ kind: 'string', value, bare: false, place }));

const number = fc.oneof(
  compare(['==', '!=', '>', '>=', '<', '<='], numberLiteral),
  compare(['in', 'not in'], listOf(numberLiteral)),
);
/** What can be compared with a field of each type. */
const COMPARISONS: Readonly<Record<FieldType, Comparison>> = {
  string: fc.oneof(
    compare(['==', '!=', '^=', '=^', 'contains'], stringLiteral),
    compare(['~'], pattern),
    compare(['in', 'not in'], listOf(stringLiteral)),
  ),
  int: number,
  double: number,
  boolean: compare(['==', '!='], booleanLiteral),
  ip: fc.oneof(
    compare(['==', '!='], addressLiteral),
    compare(['in', 'not in'], fc.oneof(networkLiteral, listOf(networkLiteral))),
  ),
};

const ARGUMENTS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'http.path.segments.': fc.constantFrom('0', '1', '0_1', '12_13'),
  'http.headers.': fc.constantFrom('x_debug', 'x-debug', 'host', 'a b', 'ü'),
  'http.response.headers.': fc.constantFrom('content_type', 'a"b'),
  'span.duration': fc.constantFrom('kong', 'kong.io.*', '*', 'kong.access.plugin.a"b'),
  'span.count': fc.constantFrom('kong.dns', '*plugin*'),
  'span.error': fc.constantFrom('kong.upstream.*', 'kong.*.plugin.*'),
  'http.queries.': fc.constantFrom('debug', 'User-Id', 'a b', '1', '[]'),
};

const definition = fc.constantFrom(...FIELDS);
const predicate: fc.Arbitrary<Expression> = definition.chain((field) =>
  fc
    .record({
      name: field.wildcard
        ? ARGUMENTS[field.name]!.map((argument) => field.written.replace('<name>', () => argument))
        : fc.constantFrom(field.name, ...field.aliases),
      lower: field.type === 'string' ? fc.boolean() : fc.constant(false),
      any: field.multiple ? fc.boolean() : fc.constant(false),
      comparison: COMPARISONS[field.type],
      alone: field.type === 'boolean' ? fc.boolean() : fc.constant(false),
    })
    .map(({ name, lower, any, comparison: [operator, literal], alone }): Expression => {
      const subject: Subject = { field: name, lower, any, place };
      return alone
        ? { kind: 'field', subject, place }
        : { kind: 'predicate', subject, operator, literal, place };
    }),
);

/** Any rule that compiles, as a tree; its places are not true. */
export const expression: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    predicate,
    fc
      .record({ kind: fc.constantFrom('and', 'or'), left: tie('tree'), right: tie('tree') })
      .map((parts): Expression => ({ ...parts, place })),
    tie('tree').map((operand): Expression => ({ kind: 'not', operand, place })),
  ),
})).tree;

/** Texts made of what rules are made of, right or wrong. */
export const ruleText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '&&',
          '||',
          '!',
          '(',
          ')',
          '[',
          ']',
          ',',
          '==',
          '!=',
          '~',
          'in',
          'not',
          'not in',
          'contains',
          '>',
        ],
        ...['http.path', 'http.headers["X-A"]', 'tls.resumed', 'net.src.ip', 'lower(', 'any(', 'and', 'or'],
        ...['"a"', "'b'", 'r#"c"#', '5', '250ms', '10.0.0.0/8', '::1', 'GET', '=', '"open', '\n'],
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(' '));

/** A tree without its places, to compare. */
export function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'place')
      .map(([name, part]) => [name, withoutPlaces(part)]),
  );
}
