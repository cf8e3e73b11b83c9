import type { LogLine } from '@gatescope/trace';
import type { Keyring } from '../keys/keyring.ts';
import type { Store } from '../store/store.ts';
import { type LogFilter, matchesLine } from './log-filter.ts';
import { openLines } from './log-row.ts';
import { Slices } from './slices.ts';

/** The place of a line in the order of a session's lines: newest first, then by row, then the later of a row first. */
export interface LogPosition {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly row: string;
  readonly index: number;
}

export interface LogPage {
  readonly data: LogLine[];
  /** Where to go on; null on the last page. */
  readonly next: LogPosition | null;
}

interface PlacedLine extends LogPosition {
  readonly line: LogLine;
}

/** Rows opened at a time. */
const CHUNK = 50;

/** Reads log lines back. */
export class LogReader {
  readonly #store: Pick<Store, 'logs'>;
  readonly #keyring: Keyring;

  constructor(store: Pick<Store, 'logs'>, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /** A page of the lines of one trace, newest first. */
  async ofTrace(
    sessionId: string,
    rootId: string,
    filter: LogFilter,
    size: number,
    after: LogPosition | null,
  ): Promise<LogPage> {
    const row = await this.#store.logs.findOfTrace(sessionId, rootId);
    if (row === undefined) return { data: [], next: null };
    const dataKey = await this.#keyring.open(sessionId);
    return pageOf(placed(row.id, openLines(dataKey, row), filter, after).sort(newestFirst), size);
  }

  /** A page of all lines of a session, those of no request too, newest first. */
  async ofSession(
    sessionId: string,
    filter: LogFilter,
    size: number,
    after: LogPosition | null,
  ): Promise<LogPage> {
    const dataKey = await this.#keyring.open(sessionId);
    const slices = new Slices();
    const found: PlacedLine[] = [];
    let waiting: PlacedLine[] = [];
    let last: { last_us: number; id: string } | null = null;
    for (;;) {
      const from = after === null ? null : Number(after.time / 1_000n);
      const rows = await this.#store.logs.page(sessionId, from, last, CHUNK);
      for (const row of rows) {
        if (slices.isOver) await slices.next();
        // No line of this row or of a later one is newer than this.
        const newest = BigInt(row.last_us) * 1_000n + 999n;
        const done = waiting.findIndex((one) => one.time <= newest);
        found.push(...waiting.splice(0, done < 0 ? waiting.length : done));
        if (found.length > size) return pageOf(found, size);
        waiting = [...waiting, ...placed(row.id, openLines(dataKey, row), filter, after)].sort(newestFirst);
        last = row;
      }
      if (rows.length < CHUNK) return pageOf([...found, ...waiting], size);
    }
  }
}

/** The lines of a row that are asked for, each with its place. */
function placed(
  row: string,
  lines: readonly LogLine[],
  filter: LogFilter,
  after: LogPosition | null,
): PlacedLine[] {
  return lines.flatMap((line, index) => {
    const place = { time: BigInt(line.time_unix_nano), row, index };
    const isPast = after !== null && newestFirst(place, after) <= 0;
    return isPast || !matchesLine(filter, line) ? [] : [{ ...place, line }];
  });
}

function newestFirst(one: LogPosition, other: LogPosition): number {
  if (one.time !== other.time) return one.time > other.time ? -1 : 1;
  if (one.row !== other.row) return one.row > other.row ? -1 : 1;
  return other.index - one.index;
}

function pageOf(lines: readonly PlacedLine[], size: number): LogPage {
  const page = lines.slice(0, size);
  return { data: page.map(({ line }) => line), next: lines.length > size ? page.at(-1)! : null };
}
