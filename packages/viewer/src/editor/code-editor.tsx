import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import type { Proposal } from '../engine/rule-editing.ts';
import styles from './code-editor.module.css';
import { proposed, showsMore } from './completion.ts';
import { acceptByTab, EDITOR_THEME } from './editor-theme.ts';

/** A place in the text about which there is something to say, in UTF-16 code units. */
export interface EditorMark {
  readonly from: number;
  readonly to: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface CodeEditorProps {
  readonly label: string;
  readonly value: string;
  readonly marks: readonly EditorMark[];
  readonly isTall?: boolean;
  readonly hint?: string;
  /** What can be written at the caret; `isAsked` where somebody wants to see everything. */
  readonly proposals?: (text: string, caret: number, isAsked: boolean) => readonly Proposal[];
  /** Goes to a place and takes the focus, each time it is another object. */
  readonly jump?: { readonly at: number } | null;
  /** Where somebody was typing in the field this takes the place of; null: nowhere. */
  readonly caret: RefObject<number | null>;
  readonly onChange: (value: string) => void;
}

/**
 * A text editor with marks and, where it is given some, completions. It lies in a tree of its own (a shadow root): there the editor's styles
 * are adopted sheets, which the page's policy against inline styles allows.
 */
export function CodeEditor({
  label,
  value,
  marks,
  isTall = false,
  hint = '',
  proposals,
  jump = null,
  caret,
  onChange,
}: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useEffectEvent(onChange);
  // What was typed and has not come back as `value` yet: it may come late, and must not undo what was typed since.
  const typed = useRef<string[]>([]);
  const propose = useEffectEvent(
    (text: string, caret: number, isAsked: boolean) => proposals?.(text, caret, isAsked) ?? [],
  );

  const begin = useEffectEvent(() =>
    EditorState.create({
      doc: value,
      extensions: [
        EDITOR_THEME,
        history(),
        drawSelection(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          'aria-label': label,
          spellcheck: 'false',
          tabindex: '0',
          autocapitalize: 'off',
          autocorrect: 'off',
        }),
        hint === '' ? [] : placeholder(hint),
        isTall ? [lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter()] : [],
        autocompletion({
          override: [(context) => proposed(context, propose)],
          activateOnCompletion: showsMore,
          icons: false,
          activateOnTypingDelay: 30,
          closeOnBlur: true,
        }),
        keymap.of([
          acceptByTab,
          ...withoutSubmit(completionKeymap),
          ...withoutSubmit(defaultKeymap),
          ...historyKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          const text = update.state.doc.toString();
          typed.current.push(text);
          changed(text);
        }),
      ] satisfies Extension,
    }),
  );

  useEffect(() => {
    const element = host.current!;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const editor = new EditorView({ root, parent: root, state: begin() });
    view.current = editor;
    if (caret.current !== null) {
      editor.dispatch({ selection: { anchor: Math.min(caret.current, editor.state.doc.length) } });
      editor.focus();
    }
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [caret]);

  useEffect(() => {
    const editor = view.current;
    const known = typed.current.lastIndexOf(value);
    typed.current = typed.current.slice(known + 1);
    if (editor === null || known >= 0 || editor.state.doc.toString() === value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: Math.min(value.length, editor.state.selection.main.anchor) },
    });
    typed.current = [];
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const { length } = editor.state.doc;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        marks.map((mark) => diagnosticOf(mark, length)),
      ),
    );
  }, [marks]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || jump === null) return;
    const at = Math.min(jump.at, editor.state.doc.length);
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    editor.focus();
  }, [jump]);

  return <div ref={host} className={`${styles['host']} ${isTall ? styles['tall'] : ''}`} data-editor />;
}

function diagnosticOf({ from, to, severity, message }: EditorMark, length: number): Diagnostic {
  const start = Math.min(from, Math.max(0, length - 1));
  return { from: start, to: Math.min(length, Math.max(to, start + 1)), severity, message };
}

/** Ctrl or ⌘ with Enter belongs to the page. */
function withoutSubmit<T extends { readonly key?: string }>(bindings: readonly T[]): T[] {
  return bindings.filter(({ key }) => key !== 'Mod-Enter');
}
