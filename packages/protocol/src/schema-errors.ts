import type { ErrorDetail } from '@gatescope/base';
import { ABSOLUTE_PATH_PATTERN } from './scalars.ts';

/** An error as the schema library gives it: which keyword failed, where in the schema, where in the value. */
export interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/**
 * Errors in words, one for each thing that is wrong. Of a union, which fails in every branch, the branch that was meant is told: the
 * one of the right type, otherwise what all of them would take.
 */
export function wordErrors(errors: readonly SchemaError[]): ErrorDetail[] {
  const unions = new Map<string, SchemaError[]>();
  const groups: (SchemaError | SchemaError[])[] = [];
  for (const error of errors) {
    const branch = error.schemaPath.indexOf('/anyOf/');
    if (branch < 0) {
      // A union as a whole is told by its branches.
      if (error.keyword !== 'anyOf') groups.push(error);
      continue;
    }
    const union = `${error.schemaPath.slice(0, branch)} ${itemOf(error, branch)}`;
    let group = unions.get(union);
    if (group === undefined) {
      unions.set(union, (group = []));
      groups.push(group);
    }
    group.push(error);
  }
  return groups.flatMap((group) => (Array.isArray(group) ? wordUnion(group) : wordOne(group)));
}

/** A JSON pointer (RFC 6901) as the dotted path that people write: `/nodes/0` becomes `nodes[0]`. */
export function readablePath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`),
      '',
    );
}

/** The element of a list that a union is about: the elements share the union's place in the schema. */
function itemOf({ schemaPath, instancePath }: SchemaError, branch: number): string {
  const depth = schemaPath
    .slice(0, branch)
    .split('/')
    .filter((part) => part !== '#' && part !== 'properties').length;
  return instancePath
    .split('/')
    .slice(0, depth + 1)
    .join('/');
}

function wordUnion(errors: readonly SchemaError[]): ErrorDetail[] {
  const at = errors.map((error) => error.instancePath).reduce((a, b) => (a.length <= b.length ? a : b));
  const branches = new Map<string, SchemaError[]>();
  for (const error of errors) {
    const { 1: branch } = /\/anyOf\/(\d+)/.exec(error.schemaPath)!;
    branches.set(branch!, [...(branches.get(branch!) ?? []), error]);
  }
  const isOther = (error: SchemaError) =>
    error.instancePath === at &&
    (error.keyword === 'type' || error.keyword === 'const' || error.keyword === 'anyOf');
  const meant = [...branches.values()]
    .filter((branch) => !branch.some(isOther))
    .sort((a, b) => a.length - b.length)[0];
  if (meant !== undefined) return wordErrors(meant.map(withoutBranch));
  const values = errors.flatMap((error) => (error.keyword === 'const' ? [constantOf(error)] : []));
  // The type of a constant says nothing that the constant doesn't.
  const types = [...branches.values()].flatMap((branch) =>
    branch.some(({ keyword }) => keyword === 'const')
      ? []
      : branch.filter(({ keyword }) => keyword === 'type').map(typeOf),
  );
  return [{ path: readablePath(at), message: `must be ${listed([...values, ...types])}` }];
}

/** As if the branch were the schema, so that a union within it is found. */
function withoutBranch(error: SchemaError): SchemaError {
  return { ...error, schemaPath: error.schemaPath.replace(/\/anyOf\/\d+/, '') };
}

function wordOne({ keyword, instancePath, params, message }: SchemaError): ErrorDetail[] {
  if (keyword === 'additionalProperties') return [];
  if (keyword === 'boolean') return [{ path: readablePath(instancePath), message: 'is not known here' }];
  if (keyword === 'pattern' && (params as { pattern?: unknown }).pattern === ABSOLUTE_PATH_PATTERN)
    return [{ path: readablePath(instancePath), message: 'must be an absolute path' }];
  if (keyword !== 'required') return [{ path: readablePath(instancePath), message }];
  const { requiredProperties } = params as { requiredProperties: string[] };
  return requiredProperties.map((name) => ({
    path: readablePath(`${instancePath}/${name}`),
    message: 'is missing',
  }));
}

function constantOf({ params }: SchemaError): string {
  return JSON.stringify((params as { allowedValue: unknown }).allowedValue);
}

function typeOf({ params }: SchemaError): string {
  const { type } = params as { type: string };
  if (type === 'null') return 'null';
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function listed(words: readonly string[]): string {
  const all = [...new Set(words)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}
