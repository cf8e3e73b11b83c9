import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARRAY, encodeName, type JsonDocument, OBJECT, STRING } from './json-document.ts';
import { readJson } from './read-json.ts';

const read = (text: string) => readJson(new TextEncoder().encode(text));

/** The document's values as JavaScript's own, with what is in the table and nothing else. */
function valueIn(document: JsonDocument, node: number): unknown {
  const kind = document.kind(node);
  if (kind === STRING) return document.stringOf(node);
  if (kind === OBJECT) {
    const members: [string, unknown][] = [];
    document.children(node, (child) => {
      members.push([document.nameOf(child)!, valueIn(document, child)]);
      return undefined;
    });
    return Object.fromEntries(members);
  }
  if (kind !== ARRAY) return JSON.parse(document.tokenOf(node));
  const elements: unknown[] = [];
  document.children(node, (child) => {
    elements.push(valueIn(document, child));
    return undefined;
  });
  return elements;
}

test('readJson() reads what JSON.parse() reads', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 2), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), null, indent);
      const document = read(text);
      expect(document.isComplete).toBe(true);
      expect(document.roots).toHaveLength(1);
      expect(valueIn(document, 0)).toEqual(JSON.parse(text));
    }),
  );
});

test('readJson() keeps the range of every value and name', () => {
  const text = ' {"a" : [1, "b\\"c"], "d": {}} ';
  const { nodes } = read(text);
  const rows = Array.from({ length: nodes.length }, (_, node) => [
    text.slice(nodes.starts[node], nodes.ends[node]),
    nodes.nameStarts[node]! < 0 ? null : text.slice(nodes.nameStarts[node], nodes.nameEnds[node]),
    nodes.parents[node],
    nodes.subtreeEnds[node],
  ]);
  expect(rows).toEqual([
    [text.trim(), null, -1, 5],
    ['[1, "b\\"c"]', '"a"', 0, 4],
    ['1', null, 1, 3],
    ['"b\\"c"', null, 1, 4],
    ['{}', '"d"', 0, 5],
  ]);
});

test('readJson() takes several values: JSON lines and text sequences', () => {
  expect(read('{"a":1}\n{"a":2}\n').roots).toEqual([0, 2]);
  expect(read('\x1e{"a":1}\n\x1e[]\n').isComplete).toBe(true);
  expect(read('').isComplete).toBe(true);
});

describe('readJson() reads up to where text is cut or wrong', () => {
  test.each([
    ['{"a":{"b":"secr', '{"a":{"b":"secr', ['{"a":{"b":"secr', '{"b":"secr', '"secr']],
    ['[1,[2', '[1,[2', ['[1,[2', '1', '[2', '2']],
    ['{"a":1,"na', '{"a":1,"na', ['{"a":1,"na', '1']],
    ['{"a":', '{"a":', ['{"a":']],
    ['{"a":1,b:2}', '{"a":1,', ['{"a":1,', '1']],
    ['{"a" 1}', '{', ['{']],
    ['[1}', '[1', ['[1', '1']],
    ['{"a":[1]} trailing "x" , 1', '{"a":[1]} trailing "x" ', ['{"a":[1]}', '[1]', '1', 'trailing', '"x"']],
    ['"\\', '"\\', ['"\\']],
    ['<html>', '', []],
  ])('%s', (text, readPart, values) => {
    const document = read(text);
    expect(text.slice(0, document.readTo)).toBe(readPart);
    const { nodes } = document;
    expect(Array.from(values.keys(), (node) => text.slice(nodes.starts[node], nodes.ends[node]))).toEqual(
      values,
    );
    expect(nodes.length).toBe(values.length);
    if (text !== '"\\') expect(document.isComplete).toBe(false);
  });

  test('any text at all', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}",:\\0-9a-z \n]*$/), (text) => {
        const { nodes, readTo } = read(text);
        for (let node = 0; node < nodes.length; node++) {
          expect(nodes.starts[node]).toBeLessThan(nodes.ends[node]!);
          expect(nodes.ends[node]).toBeLessThanOrEqual(readTo);
          expect(nodes.subtreeEnds[node]).toBeGreaterThan(node);
        }
      }),
    );
  });
});

test('JsonDocument.isNamed() knows a name in any spelling', () => {
  const document = read('{"caf\\u00e9":1,"café":2,"cafe":3,"\\u0063af\\u00e9":4,"café2":5}');
  const name = encodeName('café');
  expect([1, 2, 3, 4, 5].map((node) => document.isNamed(node, name))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(document.isNamed(0, name)).toBe(false);
});

test('readJson() reads deep and wide text in time that grows with its length alone', () => {
  for (const text of [
    '['.repeat(1_000_000),
    '{"a":'.repeat(200_000),
    '1,'.repeat(500_000),
    `["${'\\"'.repeat(500_000)}"]`,
  ]) {
    // By the square of the length it would take an hour.
    expect(() => read(text)).not.toThrow();
  }
});
