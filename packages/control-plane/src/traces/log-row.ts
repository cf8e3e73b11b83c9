import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { openAt, sealAt } from '@gatescope/envelope';
import type { LogLine } from '@gatescope/trace';
import type { LogRow } from '../store/schema.ts';
import { placeOf } from './trace-row.ts';

/** Lines of one row, inflated, at most. */
const LINES_BYTES_MAX = 64 * 1_048_576;

/** A row of lines that belong together. `lines` may come in any order; there is at least one. */
export function sealLines(
  dataKey: Buffer,
  row: Pick<LogRow, 'session_id' | 'id' | 'node_id' | 'of_trace'>,
  lines: readonly LogLine[],
): LogRow {
  const ordered = [...lines].sort(byTime);
  const text = Buffer.from(JSON.stringify(ordered));
  return {
    ...row,
    first_us: microsOf(ordered[0]!),
    last_us: microsOf(ordered.at(-1)!),
    line_count: ordered.length,
    sealed_lines: sealAt(
      placeOf(row.session_id, row.id, 'logs'),
      dataKey,
      deflateRawSync(text, { level: 1 }),
    ),
  };
}

/** The lines of a row, oldest first. */
export function openLines(
  dataKey: Buffer,
  { session_id, id, sealed_lines }: Pick<LogRow, 'session_id' | 'id' | 'sealed_lines'>,
): LogLine[] {
  const deflated = openAt(placeOf(session_id, id, 'logs'), dataKey, sealed_lines);
  return JSON.parse(inflateRawSync(deflated, { maxOutputLength: LINES_BYTES_MAX }).toString()) as LogLine[];
}

function byTime(one: LogLine, other: LogLine): number {
  const a = BigInt(one.time_unix_nano);
  const b = BigInt(other.time_unix_nano);
  return a < b ? -1 : a > b ? 1 : 0;
}

function microsOf(line: LogLine): number {
  return Number(BigInt(line.time_unix_nano) / 1_000n);
}
