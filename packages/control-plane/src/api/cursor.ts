import { AppError } from '@gatescope/base';
import { PAGE_SIZE } from '@gatescope/protocol';

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
