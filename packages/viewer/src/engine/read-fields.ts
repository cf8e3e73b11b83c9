import { OpenError } from './open-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A record; `where` names it in the `OpenError` that anything else is. */
export function record(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OpenError(`${where} is no object.`);
  return value as Fields;
}

/** A list with `most` entries at most. Throws `OpenError`. */
export function list(value: unknown, most: number, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new OpenError(`${where} is no list.`);
  if (value.length > most) throw new OpenError(`${where} has more than ${most} entries.`);
  return value;
}

/** Throws `OpenError`. */
export function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new OpenError(`${where} is no text.`);
  return value;
}

/** A number from zero on without a fraction. Throws `OpenError`. */
export function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new OpenError(`${where} is no number from 0 on.`);
  return value as number;
}

/** Null, or what `read` makes of the value. */
export function orNull<T>(
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => T,
): T | null {
  return value === null || value === undefined ? null : read(value, where);
}

/** Records and lists within each other, at most: what writes them as text again goes no deeper either. */
const DEPTH_MAX = 50;

/** A record of anything that is not nested without end. Throws `OpenError`. */
export function shallowRecord(value: unknown, where: string): Fields {
  if (isDeeper(value, DEPTH_MAX)) throw new OpenError(`${where} is nested more than ${DEPTH_MAX} deep.`);
  return record(value, where);
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1));
}
