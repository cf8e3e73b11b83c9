import type { AstType } from '@kong/atc-router';
import fc from 'fast-check';
import type { Fact } from '../../../packages/expressions/testing/facts.ts';
import { ATC_FIELDS } from './atc-router.ts';

/** A piece of an expression, and which parts of the language it uses. */
interface Piece {
  readonly text: string;
  readonly uses: readonly string[];
}

/** Values of fields and constants alike, so that they meet. */
const TEXTS = [
  ...['', 'a', 'A', 'ab', 'ba', 'GET', '/v1', '/v1/Users/7', 'a b', 'a\nb', '\r\n\t', '"', '\\', '\\d'],
  ...['é', 'É', 'Köln', 'KÖLN', 'ß', 'ẞ', 'İ', 'ΑΣ', 'ας', '\u212a', 'ſ', '٣', '\u00a0', '\u2028'],
  ...['日本', '🦊', 'a🦊', 'e\u0301', '\u200d', 'Ǆ', 'ﬁ', 'д1'],
];
/** Patterns of everything that Rust's regular expressions know. */
const PATTERNS = [
  ...[
    '',
    'a',
    '^a',
    'b$',
    '^/v\\d',
    '^/v\\d+/\\w+/7$',
    '(?i)get',
    '(?i)É',
    '(?i)k',
    '(?i)s',
    '(?i-u)k',
    'a|é|🦊',
  ],
  ...[
    '\\w',
    '\\W',
    '\\d',
    '\\D',
    '\\s',
    '\\S',
    '^\\w+$',
    '^\\d+$',
    '\\bb',
    '\\Bb',
    'a\\b',
    '\\b{start}b',
    '(?-u:\\w)$',
  ],
  ...[
    '(?-u:\\b)',
    '\\pL',
    '\\PL',
    '\\p{Greek}',
    '\\p{greek}',
    '\\p{Lu}',
    '\\P{Lu}',
    '(?i)\\p{Lu}',
    '\\p{sc=Han}',
  ],
  ...[
    '\\p{Script_Extensions=Han}',
    '\\p{scx!=Han}',
    '\\p{Lowercase_Letter}',
    '\\p{white space}',
    '\\p{any}',
    '\\p{ASCII}',
  ],
  ...[
    '[a-c]',
    '[^a-c]',
    '(?i)[^k]',
    '[é-ö]',
    '[\\w--a]',
    '[\\w&&[^a-z]]',
    '[a-c~~b-d]',
    '[[:alpha:]]',
    '[[:^alpha:]]',
  ],
  ...[
    '[]a]',
    '[a-]',
    '[\\]\\\\]',
    '[\\d\\s]',
    '(?i)[à-ö]',
    '(?x) a \\ b # c',
    '(?x)[ a b ]{1,2} $',
    '(?s).',
    '.',
    '^.$',
  ],
  ...[
    '(?m)^b$',
    '(?m)a$',
    'a$',
    '(?mR)a$',
    '(?R)^.$',
    '\\Aa',
    'a\\z',
    '\\x41',
    '\\x{1F98A}',
    '\\u0041',
    '\\U0001F98A',
    '\\t',
  ],
  ...[
    'a{2}',
    'a{0}b',
    '(?:a|b){2,}',
    '(ab)?$',
    'a*?b',
    '(?U)a+',
    '(?P<n>a)',
    '(?<n>a)b',
    '(?:)',
    '(|a)+$',
    '(a*)*$',
    '\\.',
    '\\/',
  ],
];
const NUMBERS = ['0', '7', '-7', '8', '010', '0x8', '0x1F', '-0x8', '-010', '65535', '08', '31', '-8'];
const ADDRESSES = ['10.1.2.3', '10.0.0.1', '::1', '2001:db8::1', '2001:DB8:0:0::1', '1:2:3:4:5:6:7:8', '::'];
/** What a request can come from, and a constant of ATC can't be. */
const MAPPED_ADDRESS = '::ffff:10.1.2.3';
const NETWORKS = [
  ...[
    '10.0.0.0/8',
    '10.1.2.3/32',
    '0.0.0.0/0',
    '10.1.2.0/31',
    '2001:db8::/32',
    '::1/128',
    '::/0',
    '::ffff:0:0/96',
  ],
];
const PATTERN_SIGNS = [
  'a',
  'b',
  'é',
  '.',
  '\\w',
  '\\d',
  '\\b',
  '^',
  '$',
  '[a-é]',
  '(?:a|é)',
  '(?i)',
  '\\s',
  '\\pL',
  '|',
];

const one = (values: readonly string[]) => fc.constantFrom(...values);
const use = (values: readonly string[], what: string) =>
  one(values).map((text): Piece => ({ text, uses: [`${what} ${text}`] }));
const join = (...pieces: fc.Arbitrary<Piece>[]) =>
  fc.tuple(...pieces).map(
    (parts): Piece => ({
      text: parts.map(({ text }) => text).join(' '),
      uses: parts.flatMap(({ uses }) => uses),
    }),
  );

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text in quotes, its control characters escaped or as they are, or raw. */
function literal(values: fc.Arbitrary<string>): fc.Arbitrary<Piece> {
  return fc.tuple(values, fc.boolean(), fc.boolean()).map(([value, isRaw, isEscaped]): Piece => {
    const uses = /[^\0-\x7f]/.test(value) ? ['constant beyond ASCII'] : [];
    if (isRaw && !value.includes('"#')) return { text: `r#"${value}"#`, uses: [...uses, 'raw text'] };
    const text = value
      .replaceAll(/["\\]/g, (character) => `\\${character}`)
      .replaceAll(/[\n\r\t]/g, (character) => (isEscaped ? CONTROLS[character]! : character));
    const escapes = text.match(/\\[\s\S]/g) ?? [];
    return { text: `"${text}"`, uses: [...uses, 'text', ...escapes.map((one) => `escape ${one}`)] };
  });
}

const patternOfSigns = fc.array(one(PATTERN_SIGNS), { maxLength: 6 }).chain((signs) =>
  fc
    .array(fc.constantFrom('', '*', '+', '?', '{1,2}'), { minLength: signs.length, maxLength: signs.length })
    .map((counts) =>
      // What is not a character or a class can't be repeated everywhere.
      signs
        .map((sign, index) => (/^(\(\?i\)|\||\^|\$|\\b)$/.test(sign) ? sign : sign + counts[index]!))
        .join(''),
    ),
);
const pattern = fc.oneof({ weight: 3, arbitrary: one(PATTERNS) }, { weight: 1, arbitrary: patternOfSigns });

function field(type: AstType): fc.Arbitrary<Piece> {
  return fc
    .constantFrom(...ATC_FIELDS.filter((one) => one.type === type))
    .map(({ name }): Piece => ({ text: name, uses: [`field ${name}`] }));
}

const around = fc
  .tuple(one(['f', 'f', 'lower(f)', 'any(f)', 'any(lower(f))', 'lower(any(f))']), field('String'))
  .map(([shape, { text, uses }]): Piece => {
    const used = ['lower', 'any'].filter((name) => shape.includes(name)).map((name) => `function ${name}`);
    return { text: shape.replace('f)', `${text})`).replace(/^f$/, text), uses: [...uses, ...used] };
  });

const of = (type: string, operators: readonly string[]) => use(operators, type);
const predicate = fc.oneof(
  join(around, of('string', ['==', '!=', '^=', '=^', 'contains']), literal(one(TEXTS))),
  join(around, of('string', ['~']), literal(pattern)),
  join(field('Int'), of('int', ['==', '!=', '>', '>=', '<', '<=']), use(NUMBERS, 'number')),
  join(field('IpAddr'), of('ip', ['==', '!=']), use(ADDRESSES, 'address')),
  join(field('IpAddr'), of('ip', ['in', 'not in']), use(NETWORKS, 'network')),
);

/** Expressions of ATC, all of them valid. */
export const atcExpression: fc.Arbitrary<Piece> = fc.letrec<{ expression: Piece }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    predicate,
    join(tie('expression'), use(['&&', '||'], 'logic'), tie('expression')),
    tie('expression').map(({ text, uses }): Piece => ({ text: `(${text})`, uses: [...uses, 'logic ()'] })),
    tie('expression').map(({ text, uses }): Piece => ({ text: `!(${text})`, uses: [...uses, 'logic !'] })),
  ),
})).expression;

const factOf: Readonly<Partial<Record<AstType, fc.Arbitrary<string | number>>>> = {
  String: one(TEXTS),
  Int: fc.constantFrom(-8, -7, 0, 7, 8, 10, 31, 65_535),
  IpAddr: one([...ADDRESSES, MAPPED_ADDRESS]),
};

/** What a request may be; a fact is missing now and then. */
export const atcFacts = fc.record(
  Object.fromEntries(
    ATC_FIELDS.map(({ fact, type, multiple }) => [
      fact,
      multiple ? fc.array(factOf[type]!, { maxLength: 3 }) : factOf[type]!,
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, Fact>>;

/** Everything that an expression may use. */
export const ATC_USES: readonly string[] = [
  ...ATC_FIELDS.map(({ name }) => `field ${name}`),
  ...['==', '!=', '~', '^=', '=^', 'contains'].map((operator) => `string ${operator}`),
  ...['==', '!=', '>', '>=', '<', '<='].map((operator) => `int ${operator}`),
  ...['==', '!=', 'in', 'not in'].map((operator) => `ip ${operator}`),
  ...NUMBERS.map((number) => `number ${number}`),
  ...ADDRESSES.map((address) => `address ${address}`),
  ...NETWORKS.map((network) => `network ${network}`),
  ...['\\"', '\\\\', '\\n', '\\r', '\\t'].map((one) => `escape ${one}`),
  ...['function lower', 'function any', 'logic &&', 'logic ||', 'logic !', 'logic ()'],
  ...['text', 'raw text', 'constant beyond ASCII'],
];

/** Texts and patterns to try on each other, every one on every other. */
export const PATTERN_TRIALS = { patterns: PATTERNS, texts: TEXTS };
