import { compileRule } from '@gatescope/expressions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basicErrors, basicOfRule, NO_BASIC_RULE, ruleOfBasic } from './basic-rule.ts';
import { START_CARDS } from './start-cards.ts';

describe('ruleOfBasic()', () => {
  it.each([
    [{}, ''],
    [{ method: 'POST' }, 'http.method == POST'],
    [{ status: '503' }, 'http.response.status_code == 503'],
    [{ status: '5xx' }, 'http.response.status_code >= 500'],
    [{ status: '4XX' }, 'http.response.status_code >= 400 && http.response.status_code < 500'],
    [{ overMs: '250' }, 'proxy.kong.latency.total > 250ms'],
    [{ status: 'x', overMs: '-1', method: 'a b' }, ''],
    [{ method: 'get', overMs: '1.5' }, 'http.method == GET && proxy.kong.latency.total > 1.5ms'],
  ])('writes %j', (fields, rule) => expect(ruleOfBasic({ ...NO_BASIC_RULE, ...fields })).toBe(rule));
});

describe('basicOfRule()', () => {
  it('reads what ruleOfBasic() writes, which is a rule', () => {
    const basic = fc.record({
      method: fc.constantFrom('', 'GET', 'DELETE'),
      status: fc.constantFrom('', '1xx', '2xx', '3xx', '4xx', '5xx', '200', '503'),
      overMs: fc.constantFrom('', '1', '250', '0.5', '1000'),
    });
    fc.assert(
      fc.property(basic, (one) => {
        const rule = ruleOfBasic(one);
        expect(basicOfRule(rule)).toEqual(one);
        expect(rule === '' || compileRule(rule).ok).toBe(true);
      }),
    );
  });

  it.each([
    ['http.request.method=="GET"', { method: 'GET' }],
    ['proxy.kong.latency.total > 1s', { overMs: '1000' }],
    ['(http.response.status_code == 503)', { status: '503' }],
  ])('reads %s', (rule, fields) => expect(basicOfRule(rule)).toEqual({ ...NO_BASIC_RULE, ...fields }));

  it.each([
    'http.method == GET || http.method == POST',
    'http.method == GET && http.method == POST',
    'http.method != GET',
    '!(http.method == GET)',
    'lower(http.method) == "get"',
    'http.response.status_code >= 500 && http.response.status_code < 600',
    'http.response.status_code >= 400',
    'http.response.status_code in [500, 503]',
    'http.path == "/x"',
    'http.method ==',
  ])('leaves %s to the expression', (rule) => expect(basicOfRule(rule)).toBeNull());

  it('reads the start cards for errors and slow requests', () =>
    expect(START_CARDS.map(({ draft }) => basicOfRule(draft.rule))).toEqual([
      { ...NO_BASIC_RULE, status: '5xx' },
      { ...NO_BASIC_RULE, overMs: '1000' },
      null,
    ]));
});

describe('basicErrors()', () => {
  it('says what can not be meant', () =>
    expect(basicErrors({ method: '', status: '9', overMs: 'fast' })).toEqual({
      status: 'A status such as 503, or a class such as 5xx.',
      overMs: 'Milliseconds, such as 250.',
    }));
  it('has nothing against what can', () =>
    expect(basicErrors({ method: 'GET', status: '5xx', overMs: '' })).toEqual({}));
});
