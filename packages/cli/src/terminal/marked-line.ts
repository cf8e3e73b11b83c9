import type { Diagnostic } from '@gatescope/expressions';
import { oneLine } from './stderr-logger.ts';
import { red, yellow } from './style.ts';

/** Characters of a long line shown before what is marked. */
const BEFORE = 30;

/** A diagnostic with the line it is about and a mark below the place, both cut where the line is wide. */
export function markedLine(text: string, width: number, diagnostic: Diagnostic): string {
  const { message, line, column, length, severity, suggestion } = diagnostic;
  const source = text.split('\n')[line - 1] ?? '';
  const cut = source.length + 2 > width;
  const from = cut ? Math.max(0, column - 1 - BEFORE) : 0;
  const to = cut ? Math.min(source.length, from + width - 4) : source.length;
  const end = Math.min(to, column - 1 + length);
  const before = `${from > 0 ? '…' : ''}${oneLine(source.slice(from, column - 1))}`;
  const marked = oneLine(source.slice(column - 1, end));
  const behind = `${oneLine(source.slice(end, to))}${to < source.length ? '…' : ''}`;
  const paint = severity === 'error' ? red : yellow;
  const mark = `${' '.repeat(columnsOf(before))}${'^'.repeat(Math.max(1, columnsOf(marked)))}`;
  const mend = suggestion === null ? '' : `  ${oneLine(suggestion)}\n`;
  return `${paint(severity)}  ${line}:${column}  ${oneLine(message)}\n  ${before}${marked}${behind}\n  ${paint(mark)}\n${mend}`;
}

/** Columns a terminal gives a text: none to marks that combine, two to the scripts of East Asia and to pictures. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
