import { describe, expect, it } from 'vitest';
import type { Expression } from './ast.ts';
import { Diagnostics } from './diagnostic.ts';
import { DEPTH_MAX, parse, RULE_CHARACTERS_MAX } from './parser.ts';

/** The tree with every group in parentheses. */
function treeOf(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `(${treeOf(expression.left)} ${expression.kind} ${treeOf(expression.right)})`;
    case 'not':
      return `not ${treeOf(expression.operand)}`;
    case 'field':
      return expression.subject.field;
    case 'predicate': {
      const { subject, operator, literal } = expression;
      const functions = `${subject.any ? 'any ' : ''}${subject.lower ? 'lower ' : ''}`;
      const value = literal.kind === 'list' ? literal.items.map((item) => item.kind) : literal.value;
      return `${functions}${subject.field} ${operator} ${literal.kind}:${value}`;
    }
  }
}

function parsed(text: string): { tree: string | null; told: string[] } {
  const diagnostics = new Diagnostics(text);
  const expression = parse(text, diagnostics);
  return {
    tree: expression === null ? null : treeOf(expression),
    told: diagnostics.list.map(
      ({ line, column, length, message, suggestion }) =>
        `${line}:${column}+${length} ${message}${suggestion === null ? '' : ` (${suggestion})`}`,
    ),
  };
}

describe('parse()', () => {
  it.each<[string, string]>([
    ['a', 'a'],
    ['a == 1', 'a == number:1'],
    ['a == "x"', 'a == string:x'],
    ['a == x', 'a == string:x'],
    ['a != true', 'a != boolean:true'],
    ['a in 10.0.0.0/8', 'a in address:10.0.0.0/8'],
    ['a not in [1, "b", GET, false, ::1]', 'a not in list:number,string,string,boolean,address'],
    ['a in [1,]', 'a in list:number'],
    ['lower(a) == x', 'lower a == string:x'],
    ['any(lower(a)) == x', 'any lower a == string:x'],
    ['lower(any(lower(a))) == x', 'any lower a == string:x'],
    ['http.headers["X-Foo"] == x', 'http.headers.x_foo == string:x'],
    ['http.response.headers["X-Foo"] == x', 'http.response.headers.x_foo == string:x'],
    ["http.queries['User-Id'] == x", 'http.queries.User-Id == string:x'],
    ['any(http.headers["a b"]) == x', 'any http.headers.a b == string:x'],
    ['a && b', '(a and b)'],
    ['a and b or c', '(a and (b or c))'],
    ['a && b && c', '((a and b) and c)'],
    ['a || b || c', '((a or b) or c)'],
    ['a == 1 && b != 2 || c >= 3', '(a == number:1 and (b != number:2 or c >= number:3))'],
    ['a || b && c || d', '((a or b) and (c or d))'],
    ['a && (b && c)', '(a and (b and c))'],
    ['(a && b) || c', '((a and b) or c)'],
    ['((a))', 'a'],
    ['!a', 'not a'],
    ['!a == 1', 'not a == number:1'],
    ['!(a && b)', 'not (a and b)'],
    ['not not !a', 'not not not a'],
    ['!a && b', '(not a and b)'],
    ['a ~ r#"^/v\\d+"#', 'a ~ string:^/v\\d+'],
  ])('reads %s', (text, tree) => {
    expect(parsed(text).tree).toBe(tree);
  });

  it.each<[string, string | null, string[]]>([
    ['', null, ['1:1+1 the rule is empty (for example: http.response.status_code == 503)']],
    [' \n ', null, ['1:1+1 the rule is empty (for example: http.response.status_code == 503)']],
    ['a == 1 b == 2', 'a == number:1', ['1:8+1 unexpected b (join conditions with && or ||)']],
    ['a == 1)', 'a == number:1', ['1:7+1 unexpected ) (there is one ) too many)']],
    ['(a == 1', 'a == number:1', ['1:1+1 a ) is missing (close the parenthesis)']],
    ['(a == )', null, ['1:7+1 expected a value, got )']],
    ['a ==', null, ['1:5+1 expected a value, got the end']],
    ['a == == 1', null, ['1:6+2 expected a value, got ==']],
    ['a == && b', 'b', ['1:6+2 expected a value, got &&']],
    ['a && ', 'a', ['1:6+1 expected a field, got the end']],
    ['(a && )', 'a', ['1:7+1 expected a field, got )']],
    ['&& a', 'a', ['1:1+2 expected a field, got &&']],
    ['a && || b', '(a and b)', ['1:6+2 expected a field, got ||']],
    [')', null, ['1:1+1 expected a field, got )']],
    ['()', null, ['1:2+1 expected a field, got )']],
    ['"x" == a', null, ['1:1+3 expected a field, got "x" (the field stands on the left)']],
    ['5 > a || b', 'b', ['1:1+1 expected a field, got 5 (the field stands on the left)']],
    [
      'a "x" && b',
      'b',
      ['1:3+3 expected an operator after a, got "x" (operators are == != ~ ^= =^ > >= < <= in contains)'],
    ],
    [
      'a not b',
      null,
      ['1:3+3 expected an operator after a, got not (operators are == != ~ ^= =^ > >= < <= in contains)'],
    ],
    ['lower(a == 1', 'lower a == number:1', ['1:1+5 lower( is not closed (add ))']],
    ['lower() == 1', null, ['1:7+1 expected a field, got )']],
    ['any(1) == 1', null, ['1:5+1 expected a field, got 1 (the field stands on the left)']],
    ['a in []', 'a in list:', ['1:6+2 the list is empty']],
    ['a in [1, 2', 'a in list:number,number', ['1:6+1 the list is not closed (add ])']],
    [
      'a in [1 2]',
      'a in list:number',
      ['1:6+1 the list is not closed (add ])', '1:9+1 unexpected 2 (join conditions with && or ||)'],
    ],
    ['a in [1, [2]]', null, ['1:10+1 a list holds no lists']],
    ['a in [1, ==]', null, ['1:10+2 expected a value, got ==']],
    ['http.headers[x] == 1', 'http.headers.x == number:1', ['1:13+3 expected http.headers["…"]']],
    ['http.headers["x" == 1', 'http.headers.x == number:1', ['1:13+4 expected http.headers["…"]']],
    ['http.headers[', 'http.headers.', ['1:13+1 expected http.headers["…"]']],
    ['a &&\n  b = 1', '(a and b == number:1)', ['2:5+1 unexpected "=" (equality is written ==)']],
  ])('says what is wrong in %j and goes on', (text, tree, told) => {
    expect(parsed(text)).toEqual({ tree, told });
  });

  it.each<[string, string[]]>([
    ['a && b || c', ['1:3+2 || binds tighter than && here, as in ATC (it is read as a && (b || c))']],
    ['a || b && c', ['1:8+2 || binds tighter than && here, as in ATC (it is read as (a || b) && c)']],
    [
      'a || b && c || d && e',
      ['1:8+2 || binds tighter than && here, as in ATC (it is read as (a || b) && (c || d) && e)'],
    ],
    [
      'a && b && c || d',
      ['1:8+2 || binds tighter than && here, as in ATC (it is read as a && b && (c || d))'],
    ],
    [
      '(a && b || c) || (d || e && f)',
      [
        '1:4+2 || binds tighter than && here, as in ATC (it is read as a && (b || c))',
        '1:26+2 || binds tighter than && here, as in ATC (it is read as (d || e) && f)',
      ],
    ],
    ['a && (b || c)', []],
    ['(a || b) && c', []],
    ['(a && b) || c', []],
    ['a && b && c', []],
    ['a || b || c', []],
    ['(a || b) && c && (d || (e && f))', []],
  ])('warns where %s mixes && and || without parentheses', (text, told) => {
    expect(parsed(text).told).toEqual(told);
  });

  it('gives every part its place', () => {
    const text = ' any(lower(http.headers["a"])) in [x, "y"] && !tls.resumed ';
    const expression = parse(text, new Diagnostics(text))!;
    const pieceOf = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect(pieceOf(expression.place)).toBe(text.trim());
    if (expression.kind !== 'and' || expression.left.kind !== 'predicate') throw new Error('another tree');
    const { subject, literal } = expression.left;
    expect([subject, literal, expression.right].map(({ place }) => pieceOf(place))).toEqual([
      'any(lower(http.headers["a"]))',
      '[x, "y"]',
      '!tls.resumed',
    ]);
  });

  it('reads a rule of the length allowed, and no longer one', () => {
    const padded = (length: number) => 'a'.padEnd(length);
    expect(parsed(padded(RULE_CHARACTERS_MAX))).toEqual({ tree: 'a', told: [] });
    expect(parsed(padded(RULE_CHARACTERS_MAX + 1))).toEqual({
      tree: null,
      told: [`1:1+1 a rule has ${RULE_CHARACTERS_MAX} characters at most`],
    });
  });

  it.each<[string, (depth: number) => string]>([
    ['parentheses', (depth) => `${'('.repeat(depth)}a${')'.repeat(depth)}`],
    ['negations', (depth) => `${'!'.repeat(depth)}a`],
    ['functions', (depth) => `${'lower('.repeat(depth)}a${')'.repeat(depth)} == x`],
  ])('reads %s as deep as allowed, and no deeper', (_, nested) => {
    expect(parsed(nested(DEPTH_MAX - 1)).told).toEqual([]);
    for (const depth of [DEPTH_MAX, 1_000]) {
      const { told } = parsed(nested(depth));
      expect(told.map((line) => line.replace(/^\S+ /, ''))).toEqual([
        `a rule nests ${DEPTH_MAX} deep at most`,
      ]);
    }
  });
});
