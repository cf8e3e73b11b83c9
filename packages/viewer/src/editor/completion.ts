import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Proposal } from '../engine/rule-editing.ts';

/** Proposals as the editor shows and takes them; they come in the order of how well they suit. */
export function proposed(
  context: CompletionContext,
  propose: (text: string, caret: number, isAsked: boolean) => readonly Proposal[],
): CompletionResult | null {
  const proposals = propose(context.state.doc.toString(), context.pos, context.explicit);
  const [first] = proposals;
  if (first === undefined) return null;
  return { from: first.from, filter: false, options: proposals.map(optionOf) };
}

/** Whether what can follow is shown as soon as it has been taken. */
export function showsMore({ type }: Completion): boolean {
  return type === 'unfinished';
}

function optionOf({ label, detail, about, text, caret, isUnfinished }: Proposal): Completion {
  return {
    label,
    detail,
    ...(about === '' ? {} : { info: () => aboutElement(about) }),
    ...(isUnfinished ? { type: 'unfinished' } : {}),
    apply: (view, _, from, to) => {
      // A blank that is there already is not written twice.
      const isDouble = isUnfinished && view.state.sliceDoc(to, to + 1) === ' ';
      view.dispatch({
        changes: { from, to: isDouble ? to + 1 : to, insert: text },
        selection: { anchor: from + caret },
        userEvent: 'input.complete',
      });
    },
  };
}

function aboutElement(about: string): HTMLElement {
  const element = document.createElement('div');
  for (const line of about.split('\n')) {
    const paragraph = document.createElement('div');
    paragraph.textContent = line;
    element.append(paragraph);
  }
  return element;
}
