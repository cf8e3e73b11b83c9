import { FIELDS, type FieldDefinition } from '@gatescope/expressions';

/** A field that can be written at the caret, and the text it replaces. */
export interface RuleCompletion {
  readonly field: FieldDefinition;
  readonly from: number;
  readonly to: number;
}

/** Fields that continue the word before the caret, those that begin with it first; none inside a string. */
export function ruleCompletions(text: string, caret: number, most = 8): RuleCompletion[] {
  const before = text.slice(0, caret);
  if (isInsideString(before)) return [];
  const word = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? '';
  if (word === '') return [];
  const wanted = word.toLowerCase();
  const names = (field: FieldDefinition) => [field.name, ...field.aliases].map((name) => name.toLowerCase());
  const begins = FIELDS.filter((field) => names(field).some((name) => name.startsWith(wanted)));
  const contains = FIELDS.filter(
    (field) => !begins.includes(field) && names(field).some((name) => name.includes(wanted)),
  );
  const found = [...begins, ...contains];
  if (found.some((field) => !field.wildcard && field.name === word)) return [];
  return found.slice(0, most).map((field) => ({ field, from: caret - word.length, to: caret }));
}

/** The text with a completion taken, and where the caret is then. */
export function complete(text: string, { field, from, to }: RuleCompletion): { text: string; caret: number } {
  const [start, rest = ''] = field.written.split('<name>') as [string, string?];
  return { text: text.slice(0, from) + start + rest + text.slice(to), caret: from + start.length };
}

function isInsideString(before: string): boolean {
  let quote: string | null = null;
  for (let at = 0; at < before.length; at++) {
    const character = before[at]!;
    if (quote !== null && character === '\\') at++;
    else if (quote === character) quote = null;
    else if (quote === null && (character === '"' || character === "'")) quote = character;
  }
  return quote !== null;
}
