import { type RefObject, useLayoutEffect, useState } from 'react';

/** Width and height of an element's content box in CSS pixels, kept right; 0 × 0 before it is there. */
export function useElementSize(element: RefObject<HTMLElement | null>): {
  readonly width: number;
  readonly height: number;
} {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const measure = () =>
      setSize((before) => {
        const next = { width: watched.clientWidth, height: watched.clientHeight };
        return before.width === next.width && before.height === next.height ? before : next;
      });
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}
