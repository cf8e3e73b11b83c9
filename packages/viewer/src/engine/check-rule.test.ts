import { RuleCheckResultSchema, validator } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { checkRule, ruleTerms } from './check-rule.ts';

describe('checkRule()', () => {
  it('reads a valid rule', () =>
    expect(checkRule('http.response.status_code == 503')).toEqual({
      valid: true,
      diagnostics: [],
      decided_at: 'response',
      reading: 'the response status is 503',
    }));

  it('warns where && and || are mixed, and says how it is read', () => {
    const { valid, diagnostics } = checkRule('http.method == GET && http.path == "/a" || http.path == "/b"');
    expect([valid, diagnostics.map(({ severity }) => severity)]).toEqual([true, ['warning']]);
  });

  it.each(['http.methd == GET', '', '((', 'http.method ~ "("'])('says what is wrong with %j', (rule) => {
    const result = checkRule(rule);
    expect(result).toMatchObject({ valid: false, decided_at: null, reading: null });
    expect(validator(RuleCheckResultSchema)(result).ok).toBe(true);
  });
});

describe('ruleTerms()', () => {
  it.each([
    ['http.method == GET && (http.path == "/a" || http.path == "/b") && !(tls.resumed)', 3],
    ['http.method == GET', 0],
    ['http.method == GET || http.path == "/a"', 0],
    ['http.methd == GET && http.path == "/a"', 0],
    ['', 0],
    [Array.from({ length: 7 }, () => 'http.method == GET').join(' && '), 0],
  ])('takes %s apart', (rule, count) => {
    const terms = ruleTerms(rule);
    expect(terms).toHaveLength(count);
    for (const term of terms) expect(checkRule(term).valid).toBe(true);
  });

  it('keeps what belongs together', () =>
    expect(ruleTerms('http.method == GET && (http.path == "/a" || http.path == "/b")')).toEqual([
      'http.method == GET',
      'http.path == "/a" || http.path == "/b"',
    ]));
});
