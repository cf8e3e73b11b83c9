import { AppError } from '@gatescope/base';
import { oneLine } from './stderr-logger.ts';

/** A failure for the terminal: what is wrong, then each error with its place and mend, never a stack. */
export function failureText(thrown: unknown): string {
  const { message, details } = AppError.from(thrown);
  const lines = details.map(({ message: what, path, line, column, suggestion }) => {
    const place = line === undefined ? '' : `${line}:${column ?? 1} `;
    const where = path === undefined || path === '' ? '' : `${path}: `;
    return `  ${place}${where}${oneLine(what)}${suggestion === undefined ? '' : ` (${oneLine(suggestion)})`}`;
  });
  return `gatescope: ${[message.split('\n').map(oneLine).join('\n'), ...lines].join('\n')}\n`;
}
