import type { ErrorDetail } from '@gatescope/base';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** A checked value, or every error with the path of what is wrong (`capture.redact[0].header`). */
export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** Compiles the schema once; the function answers for any value, never throws, and keeps the value as it is. */
export function validator<T extends TSchema>(schema: T): (value: unknown) => Validated<Static<T>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value: value as Static<T> };
    const errors = compiled.Errors(value).map((error) => ({
      path: readablePath(error.instancePath),
      message: error.message,
    }));
    return { ok: false, errors };
  };
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
