import { useEffect, useState } from 'react';

/** The wall time in milliseconds, told anew every `everyMs`; it stands still while `isTicking` is false. */
export function useNow(everyMs: number, isTicking = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isTicking]);
  return now;
}
