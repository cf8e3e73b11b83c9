import type { RedactionRule } from '@gatescope/protocol';
import { redactionWord } from './payload-view.ts';

/** The kinds of redaction rules. */
export const REDACTION_KINDS = ['header', 'json_path', 'pattern'] as const;
export type RedactionKind = (typeof REDACTION_KINDS)[number];

/** Kind and value of a rule. */
export function partsOf(rule: RedactionRule): { readonly kind: RedactionKind; readonly value: string } {
  if ('header' in rule) return { kind: 'header', value: rule.header };
  if ('json_path' in rule) return { kind: 'json_path', value: rule.json_path };
  return { kind: 'pattern', value: rule.pattern };
}

export function redactionOf(kind: RedactionKind, value: string): RedactionRule {
  switch (kind) {
    case 'header':
      return { header: value };
    case 'json_path':
      return { json_path: value };
    case 'pattern':
      return { pattern: value };
  }
}

const KIND_WORDS: Readonly<Record<RedactionKind, string>> = {
  header: 'header',
  json_path: 'JSON path',
  pattern: 'pattern',
};

/** What a redaction of a preview was due to; one of the rules tried is told by what it says. */
export function previewedWord(name: string, rules: readonly RedactionRule[]): string {
  const rule = rules[Number(/^rules\[(\d+)\]$/.exec(name)?.[1])];
  if (rule === undefined) return redactionWord(name);
  const { kind, value } = partsOf(rule);
  return `${KIND_WORDS[kind]} ${value}`;
}

/** A rule as it stands in a query: `header:x-name`. */
export function writeRedaction(rule: RedactionRule): string {
  const { kind, value } = partsOf(rule);
  return `${kind}:${value}`;
}

/** Reads what {@link writeRedaction} wrote; nothing for what is no rule. */
export function readRedaction(text: string): RedactionRule[] {
  const kind = REDACTION_KINDS.find((one) => text.startsWith(`${one}:`));
  const value = kind === undefined ? '' : text.slice(kind.length + 1);
  return kind === undefined || value === '' ? [] : [redactionOf(kind, value)];
}

/** Stands for every masked character in what a preview shows. */
const MASKED = /\*{2,}/g;

/** A redacted text cut at what is masked, so that it can be shown as such. */
export function maskedPieces(text: string): { readonly text: string; readonly isMasked: boolean }[] {
  const pieces: { text: string; isMasked: boolean }[] = [];
  let from = 0;
  for (const { 0: mask, index } of text.matchAll(MASKED)) {
    if (index > from) pieces.push({ text: text.slice(from, index), isMasked: false });
    pieces.push({ text: mask, isMasked: true });
    from = index + mask.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isMasked: false });
  return pieces;
}

/** Headers as they are typed, `name: value` a line; a repeated name has several values. Lines without a colon are left out. */
export function typedHeaders(text: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return headers;
}

/** Headers as lines, as {@link typedHeaders} reads them. */
export function headerLines(headers: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`))
    .join('\n');
}
