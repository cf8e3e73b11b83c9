import { nearest } from './nearest.ts';

/** What a configuration field may hold. `check` sees a value of the right type and answers what is wrong with it, or null. */
export type FieldSchema =
  | {
      readonly type: 'string';
      readonly oneOf?: readonly string[];
      readonly default?: string | null;
      readonly required?: boolean;
      readonly check?: (value: string) => string | null;
    }
  | {
      readonly type: 'integer' | 'number';
      readonly min?: number;
      readonly max?: number;
      readonly oneOf?: readonly number[];
      readonly default?: number | null;
      readonly required?: boolean;
    }
  | { readonly type: 'boolean'; readonly default?: boolean | null; readonly required?: boolean }
  | {
      readonly type: 'list';
      readonly of: FieldSchema;
      readonly default?: readonly unknown[] | null;
      readonly required?: boolean;
      readonly minItems?: number;
    }
  | {
      readonly type: 'map';
      readonly of: FieldSchema;
      readonly default?: Readonly<Record<string, unknown>> | null;
      readonly required?: boolean;
    }
  | {
      readonly type: 'record';
      readonly fields: RecordSchema;
      readonly default?: null;
      readonly required?: boolean;
    }
  | { readonly type: 'any'; readonly default?: unknown; readonly required?: boolean };

/** Fields by name. */
export type RecordSchema = Readonly<Record<string, FieldSchema>>;

/** Path into the configuration: keys and indexes. */
export type Path = readonly (string | number)[];

/** Where errors are told. */
export type Report = (path: Path, message: string, suggestion?: string) => void;

/** Checks a record against its fields, reports everything that is wrong, and gives it back with every default filled in. */
export function checkRecord(
  value: unknown,
  fields: RecordSchema,
  path: Path,
  report: Report,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  if (!isRecord(value)) {
    report(path, `expected a record, got ${typeName(value)}`);
    return result;
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key)) continue;
    const near = nearest(key, Object.keys(fields));
    report([...path, key], `unknown field ${key}`, near === null ? undefined : `did you mean ${near}?`);
  }
  for (const [key, schema] of Object.entries(fields)) {
    result[key] = checkField(value[key], schema, [...path, key], report);
  }
  return result;
}

function checkField(value: unknown, schema: FieldSchema, path: Path, report: Report): unknown {
  if (value === undefined || value === null) {
    if (schema.required === true) report(path, 'required field is missing');
    return (
      schema.default ??
      (schema.type === 'record' && value === undefined && schema.required !== true
        ? defaultsOf(schema.fields)
        : null)
    );
  }
  switch (schema.type) {
    case 'any':
      return value;
    case 'string': {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string') report(path, `expected a string, got ${typeName(value)}`);
      else if (schema.oneOf !== undefined && !schema.oneOf.includes(text)) {
        const near = nearest(text, schema.oneOf);
        report(
          path,
          `expected one of: ${schema.oneOf.join(', ')}`,
          near === null ? undefined : `did you mean ${near}?`,
        );
      } else {
        const wrong = schema.check?.(text) ?? null;
        if (wrong !== null) report(path, wrong);
      }
      return text;
    }
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || (schema.type === 'integer' && !Number.isInteger(value))) {
        report(
          path,
          `expected ${schema.type === 'integer' ? 'an integer' : 'a number'}, got ${typeName(value)}`,
        );
      } else if (
        (schema.min !== undefined && value < schema.min) ||
        (schema.max !== undefined && value > schema.max)
      ) {
        report(path, `value must be between ${schema.min ?? '-∞'} and ${schema.max ?? '∞'}`);
      } else if (schema.oneOf !== undefined && !schema.oneOf.includes(value)) {
        report(path, `expected one of: ${schema.oneOf.join(', ')}`);
      }
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') report(path, `expected true or false, got ${typeName(value)}`);
      return value;
    case 'list':
      return checkList(value, schema, path, report);
    case 'map': {
      if (!isRecord(value)) {
        report(path, `expected a map, got ${typeName(value)}`);
        return {};
      }
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          checkField(item, schema.of, [...path, key], report),
        ]),
      );
    }
    case 'record':
      return checkRecord(value, schema.fields, path, report);
  }
}

function checkList(
  value: unknown,
  schema: FieldSchema & { type: 'list' },
  path: Path,
  report: Report,
): unknown[] {
  if (!Array.isArray(value)) {
    report(path, `expected a list, got ${typeName(value)}`);
    return [];
  }
  if (schema.minItems !== undefined && value.length < schema.minItems)
    report(path, `expected at least ${schema.minItems} ${schema.minItems === 1 ? 'item' : 'items'}`);
  return value.map((item, index) => checkField(item, schema.of, [...path, index], report));
}

function defaultsOf(fields: RecordSchema): Record<string, unknown> {
  return checkRecord({}, fields, [], () => {});
}

/** Whether the value is a record: an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a record';
  return typeof value === 'string'
    ? `the string ${JSON.stringify(value.slice(0, 40))}`
    : `${typeof value} ${String(value)}`;
}
