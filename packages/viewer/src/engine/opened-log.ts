import { isLogLevel } from '@gatescope/base';
import type { LogLine } from '@gatescope/protocol';
import { OpenError } from './open-error.ts';
import { orNull, record, shallowRecord, text } from './read-fields.ts';
import { LOG_LINES_MAX, type TraceLog } from './trace-part.ts';
import type { ZipEntry } from './zip-reader.ts';

/** Lines that are kept of all files of an archive, at most. */
const FILE_LINES_MAX = 500_000;
const LINE_FEED = 10;

/** The log of a session as an archive has it: one JSON object a line, in files of which the first has the newest. */
export class OpenedLog {
  readonly #files: readonly ZipEntry[];
  #lines: Promise<Lines> | null = null;

  constructor(files: readonly ZipEntry[]) {
    this.#files = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * The lines of one trace, newest first. Where `others` have its id too, only those are left out that belong to a span of theirs. The files
   * are read when this is asked for the first time. Throws `OpenError` and `ZipError`.
   */
  async ofTrace(
    traceId: string,
    spanIds: readonly string[],
    others: readonly (readonly string[])[],
  ): Promise<TraceLog> {
    this.#lines ??= readLines(this.#files);
    const { byTrace, isCut } = await this.#lines;
    const own = new Set(spanIds);
    const foreign = new Set(others.flat().filter((id) => !own.has(id)));
    const lines = (byTrace.get(traceId) ?? [])
      .filter(({ span_id }) => span_id === null || !foreign.has(span_id))
      .sort(newestFirst);
    return { lines: lines.slice(0, LOG_LINES_MAX), isCut: isCut || lines.length > LOG_LINES_MAX };
  }
}

interface Lines {
  readonly byTrace: ReadonlyMap<string, LogLine[]>;
  /** Whether the archive has more than are kept. */
  readonly isCut: boolean;
}

async function readLines(files: readonly ZipEntry[]): Promise<Lines> {
  const byTrace = new Map<string, LogLine[]>();
  let kept = 0;
  for (const file of files) {
    let number = 0;
    for (const json of linesOf(await file.read())) {
      number++;
      const line = openedLine(json, `${file.name}, line ${number}`);
      // What belongs to no request is no trace's.
      if (line?.trace_id == null) continue;
      if (kept === FILE_LINES_MAX) return { byTrace, isCut: true };
      kept++;
      const lines = byTrace.get(line.trace_id);
      if (lines === undefined) byTrace.set(line.trace_id, [line]);
      else lines.push(line);
    }
  }
  return { byTrace, isCut: false };
}

/** One after the other: all of a file as one text may be more than a text can hold. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, from);
    const end = found < 0 ? bytes.length : found;
    yield decoder.decode(bytes.subarray(from, end));
    from = end + 1;
  }
}

/** Null for an empty line. */
function openedLine(json: string, where: string): LogLine | null {
  if (json.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new OpenError(`${where} is no JSON.`);
  }
  const line = record(value, where);
  const level = text(line['level'], `${where}: level`);
  const time = text(line['time_unix_nano'], `${where}: time_unix_nano`);
  if (!isLogLevel(level)) throw new OpenError(`${where}: there is no level ${level.slice(0, 40)}.`);
  if (!/^\d{1,20}$/.test(time)) throw new OpenError(`${where}: time_unix_nano is no number of nanoseconds.`);
  return {
    time_unix_nano: time,
    level,
    type: text(line['type'], `${where}: type`),
    source: text(line['source'], `${where}: source`),
    message: text(line['message'], `${where}: message`),
    attributes: shallowRecord(line['attributes'], `${where}: attributes`),
    trace_id: orNull(line['trace_id'], `${where}: trace_id`, text),
    span_id: orNull(line['span_id'], `${where}: span_id`, text),
  };
}

/** Decimal texts of different lengths compare by length. */
function newestFirst({ time_unix_nano: a }: LogLine, { time_unix_nano: b }: LogLine): number {
  if (a.length !== b.length) return b.length - a.length;
  return a === b ? 0 : a > b ? -1 : 1;
}
