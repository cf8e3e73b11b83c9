import { useEffect, useState } from 'react';

/** A value once it has not changed for `calmMs`. */
export function useDebounced<T>(value: T, calmMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), calmMs);
    return () => clearTimeout(timer);
  }, [value, calmMs]);
  return settled;
}
