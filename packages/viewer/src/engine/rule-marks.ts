import type { RuleCheckResult } from '@gatescope/protocol';

type Diagnostic = RuleCheckResult['diagnostics'][number];

/** Offset of a place in a text, line and column counted from 1; places beyond the text are its end. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(text.length, start + Math.max(0, column - 1));
}

/** Text and place of the caret after a suggestion replaced what a diagnostic marks. */
export function withReplacement(
  text: string,
  diagnostic: Diagnostic,
  replacement: string,
): { text: string; caret: number } {
  const start = offsetOf(text, diagnostic.line, diagnostic.column);
  const end = Math.min(text.length, start + diagnostic.length);
  return { text: text.slice(0, start) + replacement + text.slice(end), caret: start + replacement.length };
}

/** The line that a diagnostic is about, and carets to be set below what it marks. Tabs stay tabs, so that both line up. */
export function markedLine(
  rule: string,
  { line, column, length }: Diagnostic,
): { text: string; carets: string } {
  const text = rule.split('\n')[line - 1] ?? '';
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const marked = Math.max(1, Math.min(length, text.length - before.length));
  return { text, carets: before + '^'.repeat(marked) };
}

/** What a suggestion of the form `did you mean x?` proposes to write; null for any other. */
export function replacementIn(suggestion: string | null): string | null {
  return /^did you mean (.+)\?$/.exec(suggestion ?? '')?.[1] ?? null;
}
