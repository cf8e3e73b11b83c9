import { useState } from 'react';

/**
 * A list that does not change under the reader: while `isHeld`, what is shown stays as it was when that began, and `waiting` counts
 * what has come since. An empty list is never held.
 */
export function useHeldList<T>(
  list: readonly T[],
  isHeld: boolean,
): { readonly shown: readonly T[]; readonly waiting: number } {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  if (isHeld && held === null && list.length > 0) setHeld(list);
  if (!isHeld && held !== null) setHeld(null);
  const shown = isHeld && held !== null ? held : list;
  return { shown, waiting: list.length - shown.length };
}
