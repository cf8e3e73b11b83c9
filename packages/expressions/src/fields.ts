import type { Domain } from './domain.ts';
import { FIELDS } from './field-table.ts';
import type { Quantity } from './units.ts';

/** When a field's value is known; in the order of a request's life. */
export const STAGES = ['connection', 'request', 'route', 'consumer', 'response', 'end'] as const;
export type Stage = (typeof STAGES)[number];

export type FieldType = 'string' | 'int' | 'double' | 'boolean' | 'ip';

/** A field of the language. */
export interface FieldDefinition {
  /** Unlike that of any other; of a family what its names begin with (`http.headers.`). */
  readonly name: string;
  /** How it stands in a rule; `<name>` is what is filled in for one of a family. */
  readonly written: string;
  readonly type: FieldType;
  /** Has several values; every one must satisfy a condition, `any()` asks for one. */
  readonly multiple: boolean;
  readonly stage: Stage;
  readonly description: string;
  readonly example: string;
  /** Other names it goes by. */
  readonly aliases: readonly string[];
  /** One of a family: what is filled in for `<name>` is its argument. */
  readonly wildcard: boolean;
  /** What its numbers measure, in milliseconds or bytes; null for other numbers and for texts. */
  readonly measures: Quantity | null;
  /** What its values can be; null: anything of its type. */
  readonly domain: Domain | null;
  /** Whether every request has it, once its stage is reached. */
  readonly always: boolean;
  /** The attribute of the root span that has its value; null where none has. */
  readonly attribute: string | null;
}

/** A field as a rule names it, with the argument where it is one of a family. */
export interface ResolvedField {
  readonly definition: FieldDefinition;
  readonly argument: string;
}

const BY_NAME = new Map<string, ResolvedField>();
for (const definition of FIELDS) {
  if (definition.wildcard) continue;
  for (const name of [definition.name, ...definition.aliases])
    BY_NAME.set(name, { definition, argument: '' });
}
const FAMILIES = FIELDS.filter(({ wildcard }) => wildcard).map((definition) => {
  const [before, behind] = definition.written.split('<name>') as [string, string];
  return { definition, before, behind };
});
const SEGMENTS = /^\d{1,4}(_\d{1,4})?$/;

/** The definition a field name stands for, with its argument where it is one of a family; null for an unknown name. */
export function resolveField(name: string): ResolvedField | null {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return exact;
  for (const { definition, before, behind } of FAMILIES) {
    if (!name.startsWith(before) || !name.endsWith(behind)) continue;
    const argument = name.slice(before.length, name.length - behind.length);
    const suits = definition.name === 'http.path.segments.' ? SEGMENTS.test(argument) : argument !== '';
    return suits ? { definition, argument } : null;
  }
  return null;
}

/** Every name a field can be called by, families left out. */
export function fieldNames(): string[] {
  return [...BY_NAME.keys()];
}
