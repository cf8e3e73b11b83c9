import { type Headers, isFieldName, isFieldValue } from '@gatescope/http1';
import type { FieldSchema, RecordSchema } from '../config/field-schema.ts';

/** A list of texts, empty where left out. */
export const textList: FieldSchema = { type: 'list', of: { type: 'string' }, default: [] };

/** `name:value` pairs, the value from the first colon on. */
export function pairs(list: readonly string[]): { name: string; lower: string; value: string }[] {
  return list.map((text) => {
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    return { name, lower: name.toLowerCase(), value: colon < 0 ? '' : text.slice(colon + 1) };
  });
}

/** Kong fills in $(…) from the request; sent on as they stand they would be wrong without anybody being told. */
export function checkTemplates(config: Readonly<Record<string, unknown>>, sections: readonly string[]) {
  return sections.flatMap((section) =>
    Object.entries((config[section] ?? {}) as Record<string, unknown>).flatMap(([list, entries]) =>
      [entries].flat().flatMap((text, index) =>
        typeof text === 'string' && /\$\(.*\)/.test(text)
          ? [
              {
                path: Array.isArray(entries) ? [section, list, index] : [section, list],
                message: 'templates, $(…), are not supported by this gateway; use pre-function',
              },
            ]
          : [],
      ),
    ),
  );
}

/** Which entries of a transformation's `headers` lists can't stand in a message. */
export function checkHeaderPairs(config: Readonly<Record<string, unknown>>, sections: readonly string[]) {
  return sections.flatMap((section) => {
    const list = ((config[section] as Record<string, unknown> | null)?.['headers'] ?? []) as string[];
    return pairs(list).flatMap(({ name, value }, index) =>
      isFieldName(name) && isFieldValue(value)
        ? []
        : [{ path: [section, 'headers', index], message: 'expected name:value, legal in a header' }],
    );
  });
}

/** The lists of one section of a transformation. */
export function section(...lists: string[]): FieldSchema {
  const fields: RecordSchema = Object.fromEntries(lists.map((list) => [list, textList]));
  return { type: 'record', fields };
}

/** A section whose JSON values may be given types, by their place in the list. */
export const typedSection: FieldSchema = {
  type: 'record',
  fields: {
    headers: textList,
    json: textList,
    json_types: { type: 'list', of: { type: 'string', oneOf: ['boolean', 'number', 'string'] }, default: [] },
  },
};

/** Transformations of field lines, in Kong's order: remove, rename, replace, add, append. */
export interface HeaderChanges {
  readonly remove: readonly string[];
  readonly rename: readonly string[];
  readonly replace: readonly string[];
  readonly add: readonly string[];
  readonly append: readonly string[];
}

/** Compiles header changes into a function; null where there are none. */
export function compileHeaderChanges(changes: HeaderChanges): ((headers: Headers) => void) | null {
  const remove = changes.remove.map((name) => name.toLowerCase());
  const rename = pairs(changes.rename);
  const replace = pairs(changes.replace);
  const add = pairs(changes.add);
  const append = pairs(changes.append);
  if (remove.length + rename.length + replace.length + add.length + append.length === 0) return null;
  return (headers) => {
    for (const name of remove) headers.remove(name);
    for (const { lower, value } of rename) {
      const values = headers.getAll(lower);
      if (values.length === 0) continue;
      headers.remove(lower);
      headers.remove(value.toLowerCase());
      for (const one of values) headers.append(value, one);
    }
    for (const { name, lower, value } of replace) if (headers.has(lower)) headers.set(name, value);
    for (const { name, lower, value } of add) if (!headers.has(lower)) headers.append(name, value);
    for (const { name, value } of append) headers.append(name, value);
  };
}
