import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTES, SPAN_KINDS, spanName } from '../../packages/gateway/src/tracing/span-kinds.ts';
import { CATALOGUE, definitionOf } from '../../packages/trace/src/index.ts';

interface ListedSpan {
  readonly name: string;
  readonly parent: string | null;
  readonly when: string;
  readonly attributes: readonly { readonly name: string; readonly type: string; readonly unit?: string }[];
}

const LISTED = JSON.parse(
  readFileSync(new URL('span-catalogue.json', import.meta.url), 'utf8'),
) as readonly ListedSpan[];

const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

describe('the catalogue of spans', () => {
  it('has exactly the spans of the list: names, parents, conditions, attributes and their types', () => {
    const ours = CATALOGUE.map(({ name, parent, when, attributes }) => ({
      name,
      parent,
      when,
      // Sizes have a unit here that the list leaves open.
      attributes: attributes.map(({ name, type, unit }) => ({
        name,
        type,
        ...(unit === 'ms' ? { unit } : {}),
      })),
    }));
    const listed = LISTED.map(({ name, parent, when, attributes }) => ({
      name,
      // The list says more of some parents than their name.
      parent: parent === null ? null : parent.replace(/^(kong[a-z._]*)[ ,].*$/, '$1'),
      when,
      attributes,
    }));
    expect(byName(ours)).toEqual(byName(listed));
  });

  it('has no name twice, neither of a span nor of an attribute within it', () => {
    const names = CATALOGUE.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    for (const { attributes } of CATALOGUE) {
      const own = attributes.map(({ name }) => name);
      expect(own).toEqual([...new Set(own)]);
    }
  });

  it('describes every span and attribute', () => {
    const texts = CATALOGUE.flatMap(({ description, when, attributes }) => [
      description,
      when,
      ...attributes.map((attribute) => attribute.description),
    ]);
    expect(texts.filter((text) => text.trim() === '' || text !== text.trim())).toEqual([]);
  });

  it('knows every span the gateway can record', () => {
    const kinds = Array.from({ length: SPAN_KINDS }, (_, kind) => spanName(kind, 'key-auth'));
    expect(kinds.filter((name) => definitionOf(name) === undefined)).toEqual([]);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('gives attributes the types the gateway records them with', () => {
    const listed = new Map(
      LISTED.flatMap(({ attributes }) => attributes.map(({ name, type }) => [name, type] as const)),
    );
    const recorded = ATTRIBUTES.filter(({ name }) => listed.has(name));
    expect(recorded.map(({ name, type }) => [name, type])).toEqual(
      recorded.map(({ name }) => [name, listed.get(name)]),
    );
    expect(
      [...listed.keys()].filter((name) => !recorded.some((attribute) => attribute.name === name)),
    ).toEqual([]);
  });
});
