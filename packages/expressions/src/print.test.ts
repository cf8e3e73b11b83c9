import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expression as anyExpression, ruleText, withoutPlaces } from '../testing/arbitraries.ts';
import { Diagnostics } from './diagnostic.ts';
import { parse } from './parser.ts';
import { print } from './print.ts';

function parseValid(text: string) {
  const diagnostics = new Diagnostics(text);
  const expression = parse(text, diagnostics);
  expect(diagnostics.list).toEqual([]);
  return expression!;
}

describe('print()', () => {
  it.each([
    ['http.method==GET', 'http.method == GET'],
    ["http.method == 'GET'", 'http.method == "GET"'],
    ['a == r#"\\d"#', 'a == "\\\\d"'],
    ['a == "tab\tand \\"quote\\""', 'a == "tab\\tand \\"quote\\""'],
    ['a > 0x1F', 'a > 0x1F'],
    ['a > 250ms', 'a > 250ms'],
    ['a not  in [1,2]', 'a not in [1, 2]'],
    ['lower(any(a)) == x', 'any(lower(a)) == x'],
    ['http.headers["X-Debug"] == x', 'http.headers.x_debug == x'],
    ['http.headers["a b"] == x', 'http.headers["a b"] == x'],
    ['http.response.headers["a\\"b"] == x', 'http.response.headers["a\\"b"] == x'],
    ['http.queries["User Id"] == x', 'http.queries["User Id"] == x'],
    ['http.queries["[]"] == x', 'http.queries["[]"] == x'],
    ['foo["a b"] == x', 'foo["a b"] == x'],
    ['((a and b)) and c', 'a && b && c'],
    ['a and (b and c)', 'a && (b && c)'],
    ['(a or b) and c', '(a || b) && c'],
    ['(a and b) or c', '(a && b) || c'],
    ['not a', '!(a)'],
    ['!(a or b)', '!(a || b)'],
  ])('writes %j as %j', (text, printed) => {
    expect(print(parseValid(text))).toBe(printed);
  });

  it('gives a text that parses to the same tree', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        expect(withoutPlaces(parseValid(print(expression)))).toEqual(withoutPlaces(expression));
      }),
      { numRuns: 1_000 },
    );
  });

  it('changes nothing in what it printed, whatever was parsed', () => {
    fc.assert(
      fc.property(ruleText, (text) => {
        const diagnostics = new Diagnostics(text);
        const expression = parse(text, diagnostics);
        if (expression === null || diagnostics.hasErrors) return;
        const printed = print(expression);
        expect(withoutPlaces(parseValid(printed))).toEqual(withoutPlaces(expression));
        expect(print(parseValid(printed))).toBe(printed);
      }),
      { numRuns: 2_000 },
    );
  });
});
