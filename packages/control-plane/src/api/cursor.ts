import { AppError } from '@gatescope/base';
import { type List, PAGE_SIZE } from '@gatescope/protocol';
import Type from 'typebox';

/** What every list can be asked. */
export const PageQuerySchema = Type.Object(
  { size: Type.Optional(Type.String()), after: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
export type PageQuery = Type.Static<typeof PageQuerySchema>;

/** A position in a list as opaque text. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads what {@link encodeCursor} made of a number and a text; null where there is none. Throws `invalid_request`. */
export function decodeCursor(text: string | undefined): { at: number; id: string } | null {
  if (text === undefined) return null;
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof at === 'number' && typeof id === 'string') return { at, id };
  } catch {
    // Told below.
  }
  throw new AppError('invalid_request', 'after is not a position of this list', {
    details: [{ message: 'use the value of next of the page before', path: 'after' }],
  });
}

/** The page size asked for. Throws `invalid_request`. */
export function pageSize(text: string | undefined): number {
  if (text === undefined) return PAGE_SIZE.default;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= PAGE_SIZE.max) return size;
  throw new AppError('invalid_request', `size is a whole number from 1 to ${PAGE_SIZE.max}`, {
    details: [{ message: `expected 1 to ${PAGE_SIZE.max}`, path: 'size' }],
  });
}

/** A page of a list that is at hand whole. What was added or removed since the page before moves nothing but the ends. */
export function pageOf<T extends { readonly id: string }>(items: readonly T[], query: PageQuery): List<T> {
  const size = pageSize(query.size);
  const after = decodeCursor(query.after);
  const last = after === null ? -1 : items.findIndex(({ id }) => id === after.id);
  const from = after === null ? 0 : last < 0 ? Math.max(0, Math.trunc(after.at)) : last + 1;
  const data = items.slice(from, from + size);
  const end = from + data.length;
  return {
    data,
    next: end < items.length && data.length > 0 ? encodeCursor([end - 1, data.at(-1)!.id]) : null,
  };
}
