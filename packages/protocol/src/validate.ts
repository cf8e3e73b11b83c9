import type { ErrorDetail } from '@gatescope/base';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { type SchemaError, wordErrors } from './schema-errors.ts';

/** A checked value, or every error with the path of what is wrong (`capture.redact[0].header`). */
export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** What is wrong with one value, at most; the library's own default stops in the middle of an object. */
const ERRORS_MAX = 1_000;
Settings.Set({ maxErrors: ERRORS_MAX });

/** Compiles the schema once; the function answers for any value, never throws, and keeps the value as it is. */
export function validator<T extends TSchema>(schema: T): (value: unknown) => Validated<Static<T>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value: value as Static<T> };
    return { ok: false, errors: wordErrors(compiled.Errors(value) as SchemaError[]) };
  };
}
