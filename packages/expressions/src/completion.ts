import { type CaretPlace, caretPlace, type Expected } from './caret-place.ts';
import { type KnownNames, quoted, spanNames, valuesOf, writtenValue } from './completion-values.ts';
import { FIELDS } from './field-table.ts';
import type { FieldDefinition } from './fields.ts';
import { FUNCTIONS, OPERATORS } from './operators.ts';

/** Something that can be written at the caret. */
export interface Completion {
  readonly kind: 'field' | 'function' | 'operator' | 'value' | 'join';
  /** As it is shown. */
  readonly label: string;
  /** What is put in place of the text from `from` to `to`. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Where the caret is then, in the rule's text. */
  readonly caret: number;
  /** What it is, in a few words. */
  readonly detail: string;
  /** The field, where it is one. */
  readonly field: FieldDefinition | null;
}

/** Completions given at once, unless more are asked for. */
export const COMPLETIONS_MAX = 50;

/** Characters that say something wherever they stand in a word. */
const CONTAINED_MIN = 2;

/** A candidate before it is known how well it suits. */
interface Candidate extends Pick<Completion, 'kind' | 'label' | 'text' | 'detail'> {
  readonly field?: FieldDefinition;
  /** What the prefix is compared with. */
  readonly word: string;
  /** Characters of the text behind the caret. */
  readonly behind?: number;
}

/**
 * What can be written at the caret of a rule, what suits best first: fields, functions, the operators a field's type has, values, and what
 * joins conditions. Only what is before the caret counts. None where it is inside a text that can be anything.
 */
export function completionsAt(
  text: string,
  caret: number,
  known: KnownNames = {},
  most = COMPLETIONS_MAX,
): Completion[] {
  const place = caretPlace(text, caret);
  const prefix = place.prefix.toLowerCase();
  const ranked = candidatesFor(place, known)
    .map((candidate, order) => ({ candidate, order, rank: rankOf(candidate.word.toLowerCase(), prefix) }))
    .filter(({ candidate, rank }) => rank !== null && candidate.text !== text.slice(place.from, caret))
    .sort((a, b) => a.rank! - b.rank! || a.order - b.order);
  return ranked.slice(0, most).map(({ candidate }) => completionOf(candidate, place.from, caret));
}

/** The text with a completion taken, and where the caret is then. */
export function complete(text: string, completion: Completion): { text: string; caret: number } {
  const { from, to, caret } = completion;
  return { text: text.slice(0, from) + completion.text + text.slice(to), caret };
}

function completionOf(
  { kind, label, text, detail, field, behind = 0 }: Candidate,
  from: number,
  to: number,
): Completion {
  return { kind, label, text, from, to, caret: from + text.length - behind, detail, field: field ?? null };
}

/** 0: begins with it, 1: a part of the name does, 2: contains it; null: not at all. */
function rankOf(word: string, prefix: string): number | null {
  if (word.startsWith(prefix)) return 0;
  if (word.includes(`.${prefix}`) || word.includes(`_${prefix}`)) return 1;
  return prefix.length >= CONTAINED_MIN && /^\w/.test(prefix) && word.includes(prefix) ? 2 : null;
}

function candidatesFor({ expected, prefix, quote }: CaretPlace, known: KnownNames): Candidate[] {
  switch (expected.what) {
    case 'field':
      return quote === null ? fieldCandidates(expected.inside, prefix) : [];
    case 'operator':
      return [
        ...operatorCandidates(expected.field),
        ...(expected.field.type === 'boolean' ? joinCandidates(false, prefix) : []),
      ];
    case 'value':
      return valueCandidates(expected, prefix, quote, known);
    case 'join':
      return joinCandidates(expected.open, prefix);
    case 'span name':
      return spanNames(known.plugins ?? []).map((name) => ({
        kind: 'value',
        label: name,
        text: quoted(name, quote ?? '"'),
        detail: 'span',
        word: name,
      }));
    case 'span member':
      return ['duration', 'count', 'error'].map((name) => ({
        kind: 'field',
        label: `.${name}`,
        text: `.${name}`,
        detail: FIELDS.find((field) => field.name === `span.${name}`)!.description,
        word: name,
      }));
    case 'nothing':
      return [];
  }
}

function fieldCandidates(inside: 'lower' | 'any' | null, prefix: string): Candidate[] {
  const suits = (field: FieldDefinition) =>
    inside === null || (inside === 'any' ? field.multiple : field.type === 'string');
  const fields = FIELDS.filter((field) => suits(field) && !field.name.startsWith('span.'));
  const lower = prefix.toLowerCase();
  const candidates = fields.map((field): Candidate => {
    // By another name only where that is what is being written.
    const name =
      [field.name, ...field.aliases].find((one) => lower !== '' && one.startsWith(lower)) ?? field.name;
    return {
      kind: 'field',
      label: field.wildcard ? field.written : name,
      text: name,
      detail: `${field.type}${field.multiple ? ', several' : ''}, known at ${field.stage}`,
      word: [name, ...field.aliases].find((one) => rankOf(one, lower) !== null) ?? name,
      field,
    };
  });
  const functions = FUNCTIONS.filter(
    ({ name }) => name !== inside && !(inside === 'lower' && name === 'span'),
  ).map(
    ({ name, description }): Candidate => ({
      kind: 'function',
      label: name === 'span' ? 'span("…")' : `${name}(…)`,
      text: name === 'span' ? 'span("")' : `${name}()`,
      behind: name === 'span' ? 2 : 1,
      detail: description,
      word: name,
    }),
  );
  return [...candidates, ...functions];
}

function operatorCandidates({ type }: FieldDefinition): Candidate[] {
  return OPERATORS.filter(({ types }) => types.includes(type)).map(({ operator, description }) => ({
    kind: 'operator',
    label: operator,
    text: operator,
    detail: description,
    word: operator,
  }));
}

function valueCandidates(
  { field, operator, listed }: Extract<Expected, { what: 'value' }>,
  prefix: string,
  quote: CaretPlace['quote'],
  known: KnownNames,
): Candidate[] {
  // Of texts and numbers `in` takes a list, of addresses a network will do.
  const opens = listed === null && operator.endsWith('in') && field.type !== 'ip';
  return valuesOf(field, operator, prefix, known)
    .filter((value) => listed?.includes(value) !== true)
    .map((value) => {
      const written = writtenValue(value, field, quote);
      return {
        kind: 'value',
        label: value,
        text: opens ? `[${written}]` : written,
        behind: opens ? 1 : 0,
        detail: field.name,
        word: value,
      };
    });
}

const JOINS = [
  { sign: '&&', word: 'and', detail: 'both hold' },
  { sign: '||', word: 'or', detail: 'one of them holds; binds tighter than &&' },
];

/** Signs, unless a word has been begun. */
function joinCandidates(open: boolean, prefix: string): Candidate[] {
  const joins = JOINS.map(({ sign, word, detail }): Candidate => {
    const text = /^[a-z]/i.test(prefix) ? word : sign;
    return { kind: 'join', label: text, text, detail, word: text };
  });
  const end: Candidate = { kind: 'join', label: ')', text: ')', detail: 'ends the group', word: ')' };
  return open ? [...joins, end] : joins;
}
