import { type AttributeDefinition, definitionOf } from '@gatescope/trace';
import { grouped } from './duration-format.ts';

/** An attribute ready to be shown. */
export interface ShownAttribute {
  readonly name: string;
  readonly value: unknown;
  readonly unit: AttributeDefinition['unit'] | null;
  /** What it means; null for an attribute that is not in the catalogue. */
  readonly description: string | null;
}

/** Attributes that belong together, with their heading. */
export interface AttributeGroup {
  readonly title: string;
  readonly attributes: readonly ShownAttribute[];
}

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['Request and response', /^(http|url)\./],
  ['Latency', /^proxy\.kong\.(latency\.|request\.time)/],
  ['Client and network', /^(client|network|server)\.|^proxy\.kong\.client_KA$/],
  ['TLS', /^tls\./],
  ['Gateway', /^proxy\.kong\./],
];

/** A span's attributes by what they are about; within a group in the catalogue's order, unknown ones by name at the end. */
export function attributeGroups(
  spanName: string,
  attributes: Readonly<Record<string, unknown>>,
): AttributeGroup[] {
  const definitions = definitionOf(spanName)?.attributes ?? [];
  const rank = new Map(definitions.map(({ name }, index) => [name, index]));
  const shown = Object.entries(attributes)
    .map(([name, value]): ShownAttribute => {
      const definition = definitions[rank.get(name) ?? -1];
      return { name, value, unit: definition?.unit ?? null, description: definition?.description ?? null };
    })
    .sort((a, b) => order(rank, a.name) - order(rank, b.name) || (a.name < b.name ? -1 : 1));
  const groups = new Map<string, ShownAttribute[]>(
    [...GROUPS.map(([title]) => title), 'Other'].map((title) => [title, []]),
  );
  for (const attribute of shown) groups.get(groupOf(attribute.name))!.push(attribute);
  return [...groups]
    .filter(([, list]) => list.length > 0)
    .map(([title, list]) => ({ title, attributes: list }));
}

/** Of a span's attributes those whose name or text has `wanted` in it, `most` at most. */
export function foundAttributes(
  attributes: Readonly<Record<string, unknown>>,
  wanted: string,
  most: number,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(attributes);
  if (wanted === '' && entries.length <= most) return attributes;
  const text = wanted.toLowerCase();
  const found = entries.filter(
    ([name, value]) =>
      name.toLowerCase().includes(text) || attributeText({ value, unit: null }).toLowerCase().includes(text),
  );
  return Object.fromEntries(found.slice(0, most));
}

/** A value as text: numbers with their unit, lists and records as JSON. */
export function attributeText({ value, unit }: Pick<ShownAttribute, 'value' | 'unit'>): string {
  if (typeof value === 'number') {
    if (unit === 'ms') return `${value} ms`;
    if (unit === 'By') return `${grouped(value)} B`;
    return String(value);
  }
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The records of a value that is a list of them (`kvlist[]`); null for any other value. */
export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] | null {
  const isRecord = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  return Array.isArray(value) && value.length > 0 && value.every(isRecord)
    ? (value as Readonly<Record<string, unknown>>[])
    : null;
}

function groupOf(name: string): string {
  return GROUPS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'Other';
}

function order(rank: ReadonlyMap<string, number>, name: string): number {
  return rank.get(name) ?? Number.MAX_SAFE_INTEGER;
}
