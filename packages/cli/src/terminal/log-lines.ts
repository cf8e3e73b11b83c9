import type { Skeleton } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import { oneLine } from './stderr-logger.ts';
import { bold, dim, duration, red, yellow } from './style.ts';

/** Lines of a trace, given newest first, as text in the order they were written: how far into the trace, level, source, message, attributes. */
export function linesText(lines: readonly LogLine[], skeleton: Pick<Skeleton, 'origin_unix_nano'>): string {
  if (lines.length === 0) return `${dim('no log lines')}\n`;
  const start = BigInt(skeleton.origin_unix_nano);
  const width = Math.max(...lines.map(({ source }) => source.length));
  const rows = lines.toReversed().map((line) => {
    const at = `+${duration(Number(BigInt(line.time_unix_nano) - start) / 1e6)}`;
    const level = levelStyle(line.level)(line.level.padEnd(6));
    const attributes = Object.entries(line.attributes)
      .map(
        ([name, value]) =>
          ` ${oneLine(name)}=${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`,
      )
      .join('');
    return `${at.padStart(10)}  ${level}  ${line.source.padEnd(width)}  ${oneLine(line.message)}${dim(attributes)}\n`;
  });
  return `${bold('Log')}\n${rows.join('')}`;
}

function levelStyle(level: LogLine['level']): (text: string) => string {
  if (level === 'debug' || level === 'info' || level === 'notice') return dim;
  return level === 'warn' ? yellow : red;
}
