import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AstType, AstValue, Context, Router, Schema } from '@kong/atc-router';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileRule } from '../../packages/expressions/src/index.ts';
import { type Fact, Facts, factReaders } from '../../packages/expressions/testing/facts.ts';

interface AtcRouter {
  readonly Context: typeof Context;
  readonly Router: typeof Router;
  readonly Schema: typeof Schema;
}

/** The part of WebAssembly that Node's types leave to the DOM's. */
interface Instantiator {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
}

/** Kong's own router, compiled to WebAssembly; its entry is written for bundlers. */
async function loadAtcRouter(): Promise<AtcRouter> {
  const folder = dirname(createRequire(import.meta.url).resolve('@kong/atc-router/package.json'));
  const bindings = await import(pathToFileURL(join(folder, 'atc-router_bg.js')).href);
  const { instance } = await (WebAssembly as unknown as Instantiator).instantiate(
    readFileSync(join(folder, 'atc-router_bg.wasm')),
    {
      './atc-router_bg.js': bindings,
    },
  );
  bindings.__wbg_set_wasm(instance.exports);
  return bindings;
}

const FIELDS: Readonly<Record<string, AstType>> = {
  'net.protocol': 'String',
  'tls.sni': 'String',
  'http.method': 'String',
  'http.path': 'String',
  'http.path.segments.0': 'String',
  'http.path.segments.len': 'Int',
  'http.headers.x_debug': 'String',
  'http.queries.debug': 'String',
  'net.src.port': 'Int',
  'net.dst.port': 'Int',
  'net.src.ip': 'IpAddr',
  'net.dst.ip': 'IpAddr',
};
const MULTIPLE = /^http\.(headers|queries)\./;
const fieldsOf = (type: AstType) => Object.keys(FIELDS).filter((name) => FIELDS[name] === type);

let atc: AtcRouter;
let schema: Schema;
beforeAll(async () => {
  atc = await loadAtcRouter();
  schema = new atc.Schema();
  for (const [name, type] of Object.entries(FIELDS)) schema.addField(name, type);
});

/** What ATC says of a request: null where the expression is not valid. */
function askAtc(expression: string, facts: Readonly<Record<string, Fact>>): boolean | null {
  const router = new atc.Router(schema);
  const context = new atc.Context(schema);
  try {
    if (router.addMatcher(1, '5f7a1f0e-4f0b-4b0e-8f3a-0d8b0c7f4f11', expression) !== undefined) return null;
    for (const [name, fact] of Object.entries(facts)) {
      for (const value of Array.isArray(fact) ? fact : [fact])
        context.addValue(name, { [FIELDS[name]!]: value } as AstValue);
    }
    return router.execute(context);
  } finally {
    context.free();
    router.free();
  }
}

/** What we say of it. */
function askUs(expression: string, facts: Readonly<Record<string, Fact>>): boolean | null {
  const compilation = compileRule(expression);
  return compilation.ok ? compilation.rule.bind(factReaders).matches(new Facts(facts)) : null;
}

const REQUEST: Readonly<Record<string, Fact>> = {
  'http.method': 'GET',
  'http.path': '/v1/Users/7',
  'http.path.segments.len': 3,
  'http.headers.x_debug': ['a', 'ab'],
  'net.src.port': 8,
  'net.src.ip': '10.1.2.3',
  'net.dst.ip': '2001:db8::1',
};

const TEXTS = ['', 'a', 'A', 'ab', 'ba', 'GET', '/v1', '/v1/Users/7'];
const STRINGS = [
  ...TEXTS.map((text) => JSON.stringify(text)),
  'r#"a"#',
  'r#"^/v\\d"#',
  '"\\\\ \\n\\r\\t\\""',
];
const NUMBERS = ['0', '7', '-7', '8', '010', '0x8', '0x1F', '-0x8', '-010', '65535', '08'];
const ADDRESSES = [
  '10.1.2.3',
  '10.0.0.1',
  '::1',
  '2001:db8::1',
  '2001:DB8:0:0::1',
  '1:2:3:4:5:6:7:8',
  '::ffff:10.1.2.3',
];
const NETWORKS = ['10.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0', '2001:db8::/32', '::1/128', '10.0.0.1/8'];
const STRING_OPERATORS = ['==', '!=', '~', '^=', '=^', 'contains'];
const NUMBER_OPERATORS = ['==', '!=', '>', '>=', '<', '<='];

const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(' '));
const one = (values: readonly string[]) => fc.constantFrom(...values);
const textField = fc
  .tuple(one(['f', 'lower(f)', 'any(f)', 'any(lower(f))', 'lower(any(f))']), one(fieldsOf('String')))
  .map(([shape, name]) => shape.replace('f', name));
const predicate = fc.oneof(
  joined(textField, one(STRING_OPERATORS), one(STRINGS)),
  joined(one(fieldsOf('Int')), one(NUMBER_OPERATORS), one(NUMBERS)),
  joined(one(fieldsOf('IpAddr')), one(['==', '!=']), one(ADDRESSES)),
  joined(one(fieldsOf('IpAddr')), one(['in', 'not in']), one(NETWORKS)),
);
/** Expressions of ATC, nearly all of them valid. */
const expression = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    predicate,
    joined(tie('expression'), one(['&&', '||']), tie('expression')),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `!(${inner})`),
  ),
})).expression;
/** Pieces of expressions in any order, few of them valid. */
const soup = fc
  .array(
    one([
      ...[...STRING_OPERATORS, ...NUMBER_OPERATORS, 'in', 'not', 'not in', '(', ')', '!', '&&', '||'],
      ...['lower(', 'any(', 'http.path', 'net.src.port', 'net.src.ip', '"a"', '8', '10.0.0.0/8', '10.1.2.3'],
    ]),
    { minLength: 3, maxLength: 9 },
  )
  .map((pieces) => pieces.join(' '));

const factOf: Readonly<Record<AstType, fc.Arbitrary<Fact>>> = {
  String: one(TEXTS),
  Int: fc.constantFrom(-8, -7, 0, 7, 8, 10, 31, 65_535),
  IpAddr: one(ADDRESSES),
  IpCidr: one(NETWORKS),
  Regex: one(TEXTS),
};
const facts = fc.record(
  Object.fromEntries(
    Object.entries(FIELDS).map(([name, type]) => [
      name,
      MULTIPLE.test(name) ? fc.array(factOf[type] as fc.Arbitrary<string>, { maxLength: 3 }) : factOf[type],
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, Fact>>;

describe('every expression of ATC', () => {
  it.each([
    'http.method == "GET"',
    'http.method=="PUT"||http.path^="/v1"&&net.src.port==8',
    'net.src.port == 8 && net.src.port != 8 || net.src.port >= 3',
    '!(http.method == "PUT")',
    'http.headers.x_debug ^= "a"',
    'http.headers.x_debug == "a"',
    'any(http.headers.x_debug) == "a"',
    'any(http.headers.x_debug) != "a"',
    'http.queries.debug != "a"',
    '!(http.queries.debug == "a")',
    'any(http.queries.debug) != "a"',
    'lower(http.path) contains "users"',
    'lower(http.path) contains "Users"',
    'http.path ~ r#"^/v\\d+/"#',
    'http.path ~ "users"',
    'net.src.ip in 10.0.0.0/8',
    'net.src.ip not in 10.0.0.0/8',
    'net.dst.ip in 10.0.0.0/8',
    'net.dst.ip not in 10.0.0.0/8',
    'net.dst.ip == 10.0.0.1',
    'net.dst.ip != 10.0.0.1',
    'net.src.port == 010',
    'net.src.port == 0x8',
    'tls.sni != "a"',
    'net.dst.port != 8',
    '((http.method == "GET"))',
    'http.method\n==\t"GET"\r\n',
  ])('means the same to us: %s', (text) => {
    const expected = askAtc(text, REQUEST);
    expect(expected).not.toBeNull();
    expect(askUs(text, REQUEST)).toBe(expected);
  });

  it('means the same to us, whatever the request', () => {
    let valid = 0;
    fc.assert(
      fc.property(expression, facts, (text, request) => {
        const expected = askAtc(text, request);
        if (expected === null) return;
        valid++;
        expect([text, askUs(text, request)]).toEqual([text, expected]);
      }),
      { numRuns: 3_000 },
    );
    expect(valid).toBeGreaterThan(1_500);
  });

  it('is taken by us where ATC takes it, however odd it looks', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const expected = askAtc(text, REQUEST);
        if (expected !== null) expect([text, askUs(text, REQUEST)]).toEqual([text, expected]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is refused by us where ATC refuses its constant', () => {
    const wrong = [
      'net.src.ip in 10.0.0.1/8',
      'net.src.port == "8"',
      'http.method == 8',
      'http.path ~ "("',
      'http.method > "a"',
    ];
    expect(wrong.map((text) => [askAtc(text, REQUEST), askUs(text, REQUEST)])).toEqual(
      wrong.map(() => [null, null]),
    );
  });
});
