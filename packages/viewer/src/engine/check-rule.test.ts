import { RuleCheckResultSchema, validator } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { checkRule } from './check-rule.ts';

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
