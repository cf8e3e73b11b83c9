import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileRule } from '../../packages/expressions/src/index.ts';
import { type Fact, Facts, factReaders } from '../../packages/expressions/testing/facts.ts';
import { ATC_USES, atcExpression, atcFacts, PATTERN_TRIALS } from './support/atc-expressions.ts';
import { AtcRouter } from './support/atc-router.ts';

const EXPRESSIONS = 10_000;
/** Of the expressions; where none were true, agreeing would be easy. */
const TRUE_SHARE_MIN = 0.3;

let atc: AtcRouter;
beforeAll(async () => {
  atc = await AtcRouter.load();
});

/** What we say of a request: null where the expression is not valid. */
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

/** Pieces of expressions in any order, few of them valid. */
const soup = fc
  .array(
    fc.constantFrom(
      ...['==', '!=', '~', '^=', '=^', 'contains', 'in', 'not', 'not in', '(', ')', '!', '&&', '||'],
      ...['lower(', 'any(', 'http.path', 'net.src.port', 'net.src.ip', '"a"', '8', '10.0.0.0/8', '10.1.2.3'],
    ),
    { minLength: 3, maxLength: 9 },
  )
  .map((pieces) => pieces.join(' '));

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
    const expected = atc.ask(text, REQUEST);
    expect(expected).not.toBeNull();
    expect(askUs(text, REQUEST)).toBe(expected);
  });

  it(`means the same to us, ${EXPRESSIONS} of them on as many requests, with all that ATC has`, () => {
    const uses = new Map<string, number>();
    let matched = 0;
    let asked = 0;
    fc.assert(
      fc.property(atcExpression, atcFacts, (expression, request) => {
        const expected = atc.ask(expression.text, request);
        expect([expression.text, askUs(expression.text, request)]).toEqual([expression.text, expected]);
        // What ATC refuses would be skipped.
        expect([expression.text, expected]).not.toEqual([expression.text, null]);
        asked++;
        if (expected === true) matched++;
        for (const use of expression.uses) uses.set(use, (uses.get(use) ?? 0) + 1);
      }),
      { numRuns: EXPRESSIONS },
    );
    process.stdout.write(coverageText(asked, matched, uses));
    expect(asked).toBe(EXPRESSIONS);
    expect(matched / asked).toBeGreaterThanOrEqual(TRUE_SHARE_MIN);
    expect(ATC_USES.filter((use) => !uses.has(use))).toEqual([]);
  }, 120_000);

  it('knows the same regular expressions, of every text', () => {
    const { patterns, texts } = PATTERN_TRIALS;
    const differences: string[] = [];
    for (const pattern of patterns) {
      const rule = `http.path ~ r#"${pattern}"#`;
      for (const text of texts) {
        const request = { 'http.path': text };
        const expected = atc.ask(rule, request);
        const actual = askUs(rule, request);
        if (expected === null || actual !== expected)
          differences.push([pattern, text, expected, actual].join(' · '));
      }
    }
    expect(differences).toEqual([]);
  }, 180_000);

  it.each([
    '(',
    'a)',
    '*a',
    'a{2',
    '(?=a)',
    '(?<!a)',
    '\\1',
    '[b-a]',
    '[a',
    '\\q',
    '\\p{Nothing}',
    '(?z)',
    'a{3,2}',
    '\\xZZ',
    '[\\b]',
    '\\x{D800}',
    '(?P<1>a)',
    '(?-u:\\W)',
  ])('has no other regular expressions: %s', (pattern) => {
    const rule = `http.path ~ r#"${pattern}"#`;
    expect([atc.ask(rule, REQUEST), askUs(rule, REQUEST)]).toEqual([null, null]);
  });

  it('is taken by us where ATC takes it, however odd it looks', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const expected = atc.ask(text, REQUEST);
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
    expect(wrong.map((text) => [atc.ask(text, REQUEST), askUs(text, REQUEST)])).toEqual(
      wrong.map(() => [null, null]),
    );
  });
});

function coverageText(asked: number, matched: number, uses: ReadonlyMap<string, number>): string {
  const counts = ATC_USES.map((use) => uses.get(use) ?? 0);
  const rarest = ATC_USES[counts.indexOf(Math.min(...counts))];
  return `ATC: ${asked} expressions agree, ${((100 * matched) / asked).toFixed(1)} % true; ${counts.filter((count) => count > 0).length} of ${ATC_USES.length} parts of the language used, the rarest (${rarest}) ${Math.min(...counts)} times; ${uses.get('constant beyond ASCII') ?? 0} constants beyond ASCII\n`;
}
