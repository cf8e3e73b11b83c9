import { lazy, Suspense } from 'react';
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
export function LazyEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<PlainEditor {...props} />}>
      <Loaded {...props} />
    </Suspense>
  );
}

function PlainEditor({ label, value, hint, isTall = false, onChange }: CodeEditorProps) {
  return (
    <textarea
      className={`${styles['plain']} ${isTall ? styles['tall'] : ''}`}
      aria-label={label}
      value={value}
      placeholder={hint}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
