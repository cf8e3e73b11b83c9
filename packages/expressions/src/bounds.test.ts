import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleText } from '../testing/arbitraries.ts';
import { Facts, factReaders } from '../testing/facts.ts';
import { compileRule } from './compile.ts';
import { DIAGNOSTICS_MAX } from './diagnostic.ts';
import { RULE_CHARACTERS_MAX } from './parser.ts';

/** The piece as often as it fits into a rule. */
const fill = (piece: string) => piece.repeat(Math.floor(RULE_CHARACTERS_MAX / piece.length));
describe('any text', () => {
  it('is compiled or refused with diagnostics that lie within it, and never more', () => {
    fc.assert(
      fc.property(fc.oneof(ruleText, fc.string({ unit: 'binary' })), (text) => {
        const compilation = compileRule(text);
        const list = compilation.ok ? compilation.rule.warnings : compilation.diagnostics;
        expect(list.some(({ severity }) => severity === 'error')).toBe(!compilation.ok);
        expect(list.length).toBeLessThanOrEqual(DIAGNOSTICS_MAX);
        const lines = text.split('\n');
        for (const { line, column, length } of list) {
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
          const rest = lines.slice(line - 1).join('\n').length - (column - 1);
          expect(length).toBeLessThanOrEqual(Math.max(1, rest));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, string]>([
    ['nothing but spaces', fill(' ')],
    ['signs that mean nothing', fill('#')],
    ['opening parentheses', fill('(')],
    ['closing parentheses', fill(')')],
    ['brackets', `a in ${fill('[')}`.slice(0, RULE_CHARACTERS_MAX)],
    ['negations', fill('!')],
    ['functions', fill('any(')],
    ['quotes', fill('"')],
    ['escapes', `"${fill('\\q')}`.slice(0, RULE_CHARACTERS_MAX)],
    ['half an escape', `"${fill('\\')}`.slice(0, RULE_CHARACTERS_MAX)],
    ['raw texts that never end', fill('r#"')],
    ['one word', fill('a')],
    ['dashes in a word', fill('a-')],
    ['colons', fill(':')],
    ['what looks like addresses', fill('f:')],
    ['what looks like an address in digits', fill('1.')],
    ['digits', fill('9')],
    ['unknown fields', fill('abcdefgh == 1 && ')],
    ['long unknown fields', fill(`${'http.metho.'.repeat(18)} == 1 && `)],
    ['lines', fill('a\n')],
    ['mixtures of && and ||', fill('(a||b&&c)||')],
    ['a long list', `net.src.port in [${fill('1,')}`.slice(0, RULE_CHARACTERS_MAX)],
  ])('is refused in linear time: %s', (_, text) => {
    expect(text.length).toBeLessThanOrEqual(RULE_CHARACTERS_MAX);
    const started = performance.now();
    const compilation = compileRule(text);
    // Milliseconds, where something quadratic takes seconds.
    expect(performance.now() - started).toBeLessThan(500);
    expect(compilation.ok).toBe(false);
  });

  it.each<[string, string, string]>([
    ['a million characters', 'a'.repeat(1_000_000), '1:1+1 a rule has 16384 characters at most'],
    ['a million parentheses', '('.repeat(1_000_000), '1:1+1 a rule has 16384 characters at most'],
    ['ten thousand parentheses', '('.repeat(10_000), '1:4097+1 a rule has 4096 words and signs at most'],
    [
      'a pattern of too many steps',
      'http.path ~ "(((a{30}){30}){30}){30}"',
      '1:13+25 invalid pattern: it is too large: 500 steps at most, and what is repeated counts as often as {…} says',
    ],
    ['a lone surrogate', '\ud800 == 1', '1:1+1 unexpected "\\ud800"'],
    ['a lone surrogate as a field', 'http.headers["\udfff', '1:14+2 the text has no closing quote'],
  ])('is told of in one go: %s', (_, text, message) => {
    const compilation = compileRule(text);
    const [first] = compilation.ok ? [] : compilation.diagnostics;
    expect(`${first?.line}:${first?.column}+${first?.length} ${first?.message}`).toBe(message);
  });

  it('may hold lone surrogates in its texts and patterns, and compares them', () => {
    const compilation = compileRule('http.path == "\ud800" && http.path ~ "^[\udfff\ud800]$"');
    if (!compilation.ok) throw new Error(JSON.stringify(compilation.diagnostics));
    const rule = compilation.rule.bind(factReaders);
    expect(['\ud800', '\udfff', '?'].map((path) => rule.matches(new Facts({ 'http.path': path })))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each(['&&', '||', '&& !', '|| not '])('may join as many conditions by %s as fit into it', (operator) => {
    const condition = 'tls.resumed';
    const count = Math.floor(RULE_CHARACTERS_MAX / (condition.length + operator.length));
    const compilation = compileRule(Array(count).fill(condition).join(operator));
    expect(compilation.ok || compilation.diagnostics).toBe(true);
    if (compilation.ok)
      expect(compilation.rule.bind(factReaders).matches(new Facts({ 'tls.resumed': true }))).toBe(
        operator !== '&& !',
      );
  });
});

describe('a pattern', () => {
  /** What a request's head can hold at most of one field. */
  const long = `/bxyz${'a'.repeat(16_384)}!`;

  it.each([
    '(x+x+)+y',
    '(a+)+$',
    '(a|a)*b$',
    '(a|aa)+$',
    '(.*.*.*.*.*.*.*)*b$',
    '(a?){120}b$',
    '(?:.{0,1}a){160}b$',
    'a.{400}x',
    '\\pL{400}x',
    `${'.*'.repeat(240)}b$`,
    '^(([a-z])+.)+[A-Z]([a-z])+$',
  ])('never stalls a request: %s', (pattern) => {
    const compilation = compileRule(`http.path ~ r#"${pattern}"#`);
    if (!compilation.ok) throw new Error(JSON.stringify(compilation.diagnostics));
    const request = new Facts({ 'http.path': long });
    const started = performance.now();
    compilation.rule.bind(factReaders).matches(request);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
