import { describe, expect, it } from 'vitest';
import { CATALOGUE, definitionOf, PHASES, ROOT_ATTRIBUTES } from './catalogue.ts';

describe('definitionOf()', () => {
  it('finds every span by its own name', () => {
    expect(CATALOGUE.map(({ name }) => definitionOf(name))).toEqual(CATALOGUE);
    expect(definitionOf('kong')!.attributes).toBe(ROOT_ATTRIBUTES);
  });

  it.each([
    ['kong.access.plugin.key-auth', 'kong.access.plugin.<plugin>'],
    ['kong.header_filter.plugin.a.b', 'kong.header_filter.plugin.<plugin>'],
    ['kong.io.redis.get', 'kong.io.<client>.<function>'],
    ['kong.nowhere.plugin.key-auth', undefined],
    ['kong.access.plugin', undefined],
    ['kong.other', undefined],
    ['xkong.io.redis.get', undefined],
    ['', undefined],
  ])('takes %s for %s', (name, definition) => {
    expect(definitionOf(name)?.name).toBe(definition);
  });
});

describe('CATALOGUE', () => {
  it('hangs every span below another one, and only the root below none', () => {
    const parents = CATALOGUE.filter(({ name }) => name !== 'kong.io.<client>.<function>').map(
      ({ name, parent }) => [name, parent === null ? 'none' : definitionOf(parent)?.name],
    );
    expect(parents.filter(([, parent]) => parent === undefined)).toEqual([]);
    expect(parents.filter(([, parent]) => parent === 'none')).toEqual([['kong', 'none']]);
  });

  it('has a span for each phase and for a plugin in it', () => {
    const names = new Set(CATALOGUE.map(({ name }) => name));
    expect(
      PHASES.flatMap((phase) => [`kong.phase.${phase}`, `kong.${phase}.plugin.<plugin>`]).filter(
        (name) => !names.has(name),
      ),
    ).toEqual([]);
  });
});
