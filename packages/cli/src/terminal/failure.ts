import { AppError, type ErrorDetail } from '@gatescope/base';
import { oneLine } from './stderr-logger.ts';

/** A failure for the terminal: what is wrong, then each error with its place and mend, never a stack. */
export function failureText(thrown: unknown): string {
  const { message, details } = AppError.from(thrown);
  const lines = details.map((detail) => `  ${detailText(detail, ' ')}`);
  return `gatescope: ${[message.split('\n').map(oneLine).join('\n'), ...lines].join('\n')}\n`;
}

/** One error or warning on one line: its place, `gap`, what is wrong and how to mend it. */
export function detailText({ message, path, line, column, suggestion }: ErrorDetail, gap: string): string {
  const place = line === undefined ? '' : `${line}:${column ?? 1}${gap}`;
  const where = path === undefined || path === '' ? '' : `${path}: `;
  return `${place}${where}${oneLine(message)}${suggestion === undefined ? '' : ` (${oneLine(suggestion)})`}`;
}
