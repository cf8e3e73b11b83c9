import { OpenError } from './open-error.ts';
import { openArchive } from './opened-archive.ts';
import type { OpenedTrace } from './opened-trace.ts';
import { isOtlp, otlpTraces, parsedJson } from './otlp-file.ts';
import { isZip } from './zip-reader.ts';

/** A file that is opened has this many bytes, at most. */
export const FILE_BYTES_MAX = 256 * 1_048_576;

/** What was found in a file. */
export interface OpenedFile {
  readonly name: string;
  /** Newest first. */
  readonly traces: readonly OpenedTrace[];
  /** Of an archive, the files that hold nothing that is shown. */
  readonly skipped: number;
}

/** Reads an export: OTLP JSON, or an archive that has such files. Throws `OpenError`. */
export async function openFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<OpenedFile> {
  if (bytes.length > FILE_BYTES_MAX)
    throw new OpenError(`${name} is larger than ${FILE_BYTES_MAX / 1_048_576} MiB.`);
  const { traces, skipped } = isZip(bytes)
    ? await openArchive(name, bytes)
    : { traces: fromJson(name, bytes), skipped: 0 };
  if (traces.length === 0)
    throw new OpenError(`${name} holds no traces. Export a trace as OTLP JSON, or a session as ZIP.`);
  return {
    name,
    traces: [...traces].sort((a, b) =>
      compareTexts(b.skeleton.summary.started_at, a.skeleton.summary.started_at),
    ),
    skipped,
  };
}

function fromJson(name: string, bytes: Uint8Array): OpenedTrace[] {
  const json = parsedJson(bytes);
  if (json === undefined) throw new OpenError(`${name} is neither JSON nor a ZIP archive.`);
  if (!isOtlp(json))
    throw new OpenError(
      `${name} is JSON, but no OTLP traces: there is no resourceSpans in it. Export the trace as OTLP JSON.`,
    );
  return otlpTraces(name, json);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
