import { useEffect } from 'react';
import { useLocation } from 'wouter';

/** Browsers refuse an address that changes with every key or movement; this long it has to rest. */
const CALM_MS = 200;

/** Keeps the address at `url` once that has rested, without an entry in the history. */
export function useReplacedUrl(url: string): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const { pathname } = window.location;
    const timer = setTimeout(() => {
      // Who went on to another page meanwhile stays there, even while this one is shown until the other has loaded.
      if (window.location.pathname !== pathname) return;
      if (pathname + window.location.search !== url) navigate(url, { replace: true });
    }, CALM_MS);
    return () => clearTimeout(timer);
  }, [url, navigate]);
}
