import { type RefObject, useEffect, useEffectEvent } from 'react';
import { type TreeAction, type TreeState, treeKey } from '../engine/tree-keys.ts';
import { isTyping } from '../parts/is-typing.ts';

interface SpanKeys extends TreeState {
  readonly tree: RefObject<HTMLElement | null>;
  readonly onAction: (action: TreeAction) => void;
  readonly onFilter: () => void;
  readonly onFit: () => void;
  readonly onPath: () => void;
  readonly onLeave: () => void;
}

/** Keys that mean the same wherever the focus is, but in a field. */
const ANYWHERE: ReadonlySet<string> = new Set(['j', 'k', 'n', 'N', '!']);

/** The keys of the spans tab: those of the tree, `/` filter, `f` fit, `p` critical path, Escape. */
export function useSpanKeys(keys: SpanKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isTyping(event)) return;
    if (event.key === '/') keys.onFilter();
    else if (event.key === 'f') keys.onFit();
    else if (event.key === 'p') keys.onPath();
    else if (event.key === 'Escape') keys.onLeave();
    else {
      const isHere = event.target === document.body || event.target === keys.tree.current;
      const action = isHere || ANYWHERE.has(event.key) ? treeKey(event.key, keys) : null;
      if (action === null) return;
      keys.onAction(action);
    }
    event.preventDefault();
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
