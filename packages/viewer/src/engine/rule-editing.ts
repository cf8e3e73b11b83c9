import { type Completion, completionsAt, type KnownNames } from '@gatescope/expressions';

const KNOWN_WHEN: Readonly<Record<string, string>> = {
  connection: 'when the connection is there',
  request: 'when the request is read',
  route: 'when the route is found',
  consumer: 'when the consumer is known',
  response: 'when the response begins',
  end: 'at the end of the request',
};

/** Something to be put into a text that is being edited, as an editor shows it. */
export interface Proposal {
  readonly label: string;
  /** A few words beside it. */
  readonly detail: string;
  /** More about it; empty where there is nothing more to say. */
  readonly about: string;
  readonly from: number;
  readonly text: string;
  /** Where the caret is then, counted from `from`. */
  readonly caret: number;
  /** More is expected behind it, so that the next proposals may show at once. */
  readonly isUnfinished: boolean;
}

/** What can be written at the caret of a rule; where nothing is typed, only if `isAsked`. */
export function ruleProposals(
  text: string,
  caret: number,
  known: KnownNames,
  isAsked: boolean,
): readonly Proposal[] {
  const found = completionsAt(text, caret, known);
  const [first] = found;
  if (first === undefined) return [];
  // At the beginning of a word everything could be meant; operators and values are few.
  if (!isAsked && first.from === caret && first.kind === 'field') return [];
  return found.map(proposalOf);
}

function proposalOf(completion: Completion): Proposal {
  const { kind, label, text, from, caret, field, detail } = completion;
  const isOpen = caret < from + text.length || field?.wildcard === true;
  const isUnfinished =
    !isOpen && (kind === 'field' || kind === 'operator' || kind === 'join') && text !== ')';
  const written = isUnfinished ? `${text} ` : text;
  return {
    label,
    detail: field === null ? detail : `${field.type}${field.multiple ? ', several' : ''}`,
    about:
      field === null
        ? ''
        : `${field.description}\nKnown ${KNOWN_WHEN[field.stage]}.\nFor example ${field.example}`,
    from,
    text: written,
    caret: isUnfinished ? written.length : caret - from,
    isUnfinished,
  };
}
