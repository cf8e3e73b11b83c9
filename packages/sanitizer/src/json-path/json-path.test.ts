import { ManualClock } from '@gatescope/base';
import { describe, expect, test } from 'vitest';
import { readJson } from '../json/read-json.ts';
import { WorkLimit, WorkLimitExceeded } from '../work-limit.ts';
import type { Query } from './ast.ts';
import { parsePath } from './parse-path.ts';
import { selectNodes } from './select-nodes.ts';

function select(path: string, json: string): string[] {
  const query = parsePath(path);
  if (!('segments' in query)) throw new Error(`${query.message} at ${query.column}`);
  const bytes = new TextEncoder().encode(json);
  const document = readJson(bytes);
  const text = (node: number) =>
    new TextDecoder().decode(bytes.subarray(document.nodes.starts[node], document.nodes.ends[node]));
  const limit = new WorkLimit(new ManualClock());
  return document.roots.flatMap((root) => selectNodes(document, root, query, limit).map(text));
}

const STORE = JSON.stringify({
  store: {
    book: [
      { category: 'reference', author: 'Nigel Rees', price: 8.95 },
      { category: 'fiction', author: 'Evelyn Waugh', price: 12.99 },
      { category: 'fiction', author: 'Herman Melville', isbn: '0-553-21311-3', price: 8.99 },
      { category: 'fiction', author: 'J. R. R. Tolkien', isbn: '0-395-19395-8', price: 22.99 },
    ],
    bicycle: { color: 'red', price: 399 },
  },
});

describe('selectNodes() selects what RFC 9535 says', () => {
  const authors = ['"Nigel Rees"', '"Evelyn Waugh"', '"Herman Melville"', '"J. R. R. Tolkien"'];
  test.each([
    ['$.store.book[*].author', authors],
    ['$..author', authors],
    ['$.store..price', ['8.95', '12.99', '8.99', '22.99', '399']],
    ['$..book[2].author', authors.slice(2, 3)],
    ['$..book[-1].author', authors.slice(3)],
    ['$..book[0,1].author', authors.slice(0, 2)],
    ['$..book[:2].author', authors.slice(0, 2)],
    ['$..book[?@.isbn].author', authors.slice(2)],
    ['$..book[?@.price<10].author', [authors[0], authors[2]]],
    ['$..book[?@.price<10 && @.category == "fiction"].author', authors.slice(2, 3)],
    ['$..book[?@.price>20 || @.author=="Nigel Rees"].price', ['8.95', '22.99']],
    ['$..book[?!(@.isbn)].author', authors.slice(0, 2)],
    ['$..book[?match(@.author, "[EJ].*")].author', [authors[1], authors[3]]],
    ['$..book[?search(@.author, "el")].author', authors.slice(0, 3)],
    ['$..book[?length(@.author) == 15].author', [authors[2]]],
    ['$.store[?count(@.*) == 2].color', ['"red"']],
    ['$.store[?value(@..color) == "red"].price', ['399']],
    ['$.store.book[?@.price > $.store.bicycle.price]', []],
    ["$['store']['bicycle'][\"color\"]", ['"red"']],
    ['$ .store [ "bicycle" ] . color', null],
    ['$.store.*.color', ['"red"']],
  ])('%s', (path, expected) => {
    if (expected === null) expect(() => select(path, STORE)).toThrow('member');
    else expect(select(path, STORE)).toEqual(expected);
  });

  test.each([
    ['$[1:5:2]', ['1', '3']],
    ['$[5:1:-2]', ['3', '5']],
    ['$[::-1]', ['0', '1', '2', '3', '4', '5', '6']],
    ['$[-2:]', ['5', '6']],
    ['$[:-5]', ['0', '1']],
    ['$[2:2]', []],
    ['$[1:3:0]', []],
    ['$[-9]', []],
    ['$[7]', []],
    ['$[?@ >= 5]', ['5', '6']],
    ['$[?@ != 0, 0]', ['0', '1', '2', '3', '4', '5', '6']],
  ])('of an array %s', (path, expected) => {
    expect(select(path, '[0,1,2,3,4,5,6]')).toEqual(expected);
  });

  test('and compares values of every kind', () => {
    const json = '[{"a":1.0},{"a":1},{"a":"1"},{"a":null},{},{"a":[1,{"b":2}]},{"a":true}]';
    expect(select('$[?@.a == 1]', json)).toEqual(['{"a":1.0}', '{"a":1}']);
    expect(select('$[?@.a == null]', json)).toEqual(['{"a":null}']);
    expect(select('$[?@.a == @.c]', json)).toEqual(['{}']);
    expect(select('$[?@.a == $[5].a]', json)).toEqual(['{"a":[1,{"b":2}]}']);
    expect(select('$[?@.a <= true]', json)).toEqual(['{"a":true}']);
    expect(select("$[?@.a < '2']", json)).toEqual(['{"a":"1"}']);
  });

  test('with names in any spelling, each of several members of one name, and each of several documents', () => {
    expect(select("$.é['☺','\\u0061']", '{"\\u00e9":{"\\u263a":1,"a":2,"a":3}}')).toEqual(['1', '2', '3']);
    expect(select('$.a', '{"a":1}\n{"a":2}')).toEqual(['1', '2']);
    expect(select('$', '"text"')).toEqual(['"text"']);
  });
});

describe('selectNodes() selects of a document that is cut short', () => {
  test.each([
    ['$.items[-1]', '{"items":[1,2,3', ['1', '2', '3']],
    ['$.items[0]', '{"items":[1,2,3', ['1']],
    ['$.items[?@.type=="card"]', '{"items":[{"type":"x"},{"number":1', ['{"number":1']],
    ['$.items[?@.type==$.hidden]', '{"items":[{"type":"x"},{"type":"y"}],', ['{"type":"x"}', '{"type":"y"}']],
    ['$.user.email', '{"user":{"email":"ada@exa', ['"ada@exa']],
  ])('what may be meant: %s in %s', (path, json, expected) => {
    expect(select(path, json)).toEqual(expected);
  });
});

describe('parsePath() says what is wrong and where:', () => {
  test.each([
    ['', 1, 'a path begins with $'],
    ['user.email', 1, 'a path begins with $'],
    ['$.', 3, "['a name']"],
    ['$.user email', 7, 'write .name'],
    ["$['user]", 3, "close it with '"],
    ["$['a\\x']", 5, 'backslash'],
    ["$['\\ud800']", 4, 'both halves'],
    ['$[01]', 4, 'close the brackets'],
    ['$[-0]', 3, "write 'name'"],
    ['$[9007199254740992]', 3, 'at most 9007199254740991'],
    ['$[?@.a = 1]', 8, 'close the brackets'],
    ['$[?@.* == 1]', 4, 'value() or count()'],
    ['$[?1]', 4, 'compare it'],
    ['$[?length(@.a)]', 4, 'compare it'],
    ['$[?match(@.a, "x") == true]', 4, 'leave the comparison out'],
    ['$[?match(@.a)]', 4, 'write 2 of them'],
    ['$[?match(@.a, "(")]', 15, 'close the group'],
    ['$[?count(1) == 1]', 10, 'such as @.name'],
    ['$[?foo(@) == 1]', 4, 'length()'],
    ['$[?(@.a]', 8, 'close the parenthesis'],
    [`$.${'a'.repeat(1_100)}`, 1_025, 'several rules'],
  ])('%s', (path, column, suggestion) => {
    const result = parsePath(path);
    expect(result).toMatchObject({ column, suggestion: expect.stringContaining(suggestion) });
  });
});

test('selectNodes() gives up where it would take too long', () => {
  const bytesOf = (text: string) => readJson(new TextEncoder().encode(text));
  const json = `[${'[1],'.repeat(20_000)}1]`;
  const query = parsePath('$[?$..[?$..[?@ == 2]]]') as Query;
  expect(() => selectNodes(bytesOf(json), 0, query, new WorkLimit())).toThrow(WorkLimitExceeded);
  expect(select('$..*..*..*', json)).toEqual([]);
});
