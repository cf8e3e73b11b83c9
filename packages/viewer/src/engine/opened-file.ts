import { readOtlpJson } from '@gatescope/trace';
import { type OpenedTrace, openedTrace } from './opened-trace.ts';
import { visibleText } from './visible-text.ts';
import { isZip, ZipError, zipEntries } from './zip-reader.ts';

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

/** Says why a file can't be shown, and what could be. */
export class OpenError extends Error {}

/** Reads an export: OTLP JSON, or an archive that has such files. Throws `OpenError`. */
export async function openFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<OpenedFile> {
  if (bytes.length > FILE_BYTES_MAX)
    throw new OpenError(`${name} is larger than ${FILE_BYTES_MAX / 1_048_576} MiB.`);
  const { traces, skipped } = isZip(bytes)
    ? await fromZip(name, bytes)
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

/** Whatever files of an archive are OTLP JSON, wherever they lie in it. */
async function fromZip(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly traces: OpenedTrace[]; readonly skipped: number }> {
  try {
    const traces: OpenedTrace[] = [];
    const names = new Map<string, Names>();
    let skipped = 0;
    for (const entry of zipEntries(bytes)) {
      const json = /\.json$/i.test(entry.name) ? parsed(await entry.read()) : undefined;
      if (isOtlp(json)) traces.push(...tracesOf(entry.name, json));
      else if (/\.summary\.json$/i.test(entry.name)) noteNames(names, json);
      else skipped++;
    }
    return { traces: traces.map((trace) => withNames(trace, names)), skipped };
  } catch (error) {
    if (error instanceof ZipError) throw new OpenError(`${name} can’t be read: ${error.message}.`);
    throw error;
  }
}

/** What a trace's summary calls what its spans know by ids alone. */
interface Names {
  readonly service?: string;
  readonly route?: string;
}

function noteNames(names: Map<string, Names>, json: unknown): void {
  if (typeof json !== 'object' || json === null) return;
  const { id, service, route } = json as Partial<Record<string, unknown>>;
  if (typeof id !== 'string') return;
  names.set(id, {
    ...(typeof service === 'string' ? { service: visibleText(service) } : {}),
    ...(typeof route === 'string' ? { route: visibleText(route) } : {}),
  });
}

function withNames(trace: OpenedTrace, names: ReadonlyMap<string, Names>): OpenedTrace {
  const { skeleton } = trace;
  const known = names.get(skeleton.summary.id);
  return known === undefined
    ? trace
    : { ...trace, skeleton: { ...skeleton, summary: { ...skeleton.summary, ...known } } };
}

function fromJson(name: string, bytes: Uint8Array): OpenedTrace[] {
  const json = parsed(bytes);
  if (json === undefined) throw new OpenError(`${name} is neither JSON nor a ZIP archive.`);
  if (!isOtlp(json))
    throw new OpenError(
      `${name} is JSON, but no OTLP traces: there is no resourceSpans in it. Export the trace as OTLP JSON.`,
    );
  return tracesOf(name, json);
}

function tracesOf(name: string, json: unknown): OpenedTrace[] {
  try {
    return readOtlpJson(json).map(openedTrace);
  } catch (error) {
    throw new OpenError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function isOtlp(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'resourceSpans' in json;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
