import { lazy, Suspense, useLayoutEffect, useRef } from 'react';
import type { CodeEditorProps } from './code-editor.tsx';
import styles from './lazy-editor.module.css';

const Loaded = lazy(() =>
  import('./code-editor.tsx').then(
    ({ CodeEditor }) => ({ default: CodeEditor }),
    // Cut off from its control plane the page goes on with what it has.
    () => ({ default: PlainEditor }),
  ),
);

/** The editor, fetched when it is first shown; until then, and where it can't be fetched, a plain field that can be typed into. */
export function LazyEditor(props: Omit<CodeEditorProps, 'caret'>) {
  const caret = useRef<number | null>(null);
  return (
    <Suspense fallback={<PlainEditor {...props} caret={caret} />}>
      <Loaded {...props} caret={caret} />
    </Suspense>
  );
}

/** Leaves in `caret` where somebody was typing when it is taken away. */
function PlainEditor({ label, value, hint, isTall = false, caret, onChange }: CodeEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current!;
    return () => {
      caret.current = document.activeElement === element ? element.selectionStart : null;
    };
  }, [caret]);
  return (
    <textarea
      ref={field}
      className={`${styles['plain']} ${isTall ? styles['tall'] : ''}`}
      aria-label={label}
      value={value}
      placeholder={hint}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
