import { oneLine } from './stderr-logger.ts';

const coloured = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;

function sgr(on: number, off: number): (text: string) => string {
  return (text) => (coloured ? `\x1b[${on}m${text}\x1b[${off}m` : text);
}

export const bold = sgr(1, 22);
export const dim = sgr(2, 22);
export const red = sgr(31, 39);
export const green = sgr(32, 39);
export const yellow = sgr(33, 39);
export const blue = sgr(34, 39);
export const magenta = sgr(35, 39);
export const cyan = sgr(36, 39);

/** Columns of the terminal, or 100 where the output goes elsewhere. */
export function terminalWidth(): number {
  return Math.max(60, process.stdout.columns ?? 100);
}

/** Text that came from outside, safe to print, cut to a width. */
export function fitted(text: string, width: number): string {
  const safe = oneLine(text);
  return safe.length <= width ? safe.padEnd(width) : `${safe.slice(0, Math.max(0, width - 1))}…`;
}

/** A duration in milliseconds with three digits: `412 ms`, `4.12 ms`, `1.24 s`, `36.1 µs`. */
export function duration(ms: number): string {
  const [value, unit] =
    ms >= 1_000 ? [ms / 1_000, 's'] : ms >= 1 || ms === 0 ? [ms, 'ms'] : [ms * 1_000, 'µs'];
  const digits = value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** A table with columns as wide as their content; the last one is not padded. Cells hold text that is safe to print. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => plainLength(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === head.length - 1
          ? cell
          : cell + ' '.repeat(Math.max(0, widths[column]! - plainLength(cell))),
      )
      .join('  ')
      .trimEnd();
  return `${dim(line(head))}\n${rows.map((row) => `${line(row)}\n`).join('')}`;
}

function plainLength(text: string): number {
  return text.replaceAll(/\x1b\[\d+m/g, '').length;
}
