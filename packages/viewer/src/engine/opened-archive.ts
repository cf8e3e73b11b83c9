import type { Payload } from '@gatescope/protocol';
import { OpenError } from './open-error.ts';
import { OpenedLog } from './opened-log.ts';
import { openedPayload } from './opened-payload.ts';
import type { OpenedTrace } from './opened-trace.ts';
import { isOtlp, otlpTraces, parsedJson } from './otlp-file.ts';
import { NO_LOGS_ASKED, type TraceLog, type TracePart } from './trace-part.ts';
import { visibleText } from './visible-text.ts';
import { type ZipEntry, ZipError, zipEntries } from './zip-reader.ts';

const LOG_FILE = /(?:^|\/)logs\/[^/]+\.ndjson$/i;
const PAYLOAD_FILE = /(?:^|\/)payloads\/([0-9a-f]{16})\.json$/i;
const SESSION_FILE = /(?:^|\/)session\.json$/i;

/**
 * Whatever files of an archive are OTLP JSON, wherever they lie in it; beside them, of a session's export, what its summaries tell, its log
 * and its payloads. Logs and payloads are unpacked when they are looked at. Throws `OpenError`.
 */
export async function openArchive(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly traces: OpenedTrace[]; readonly skipped: number }> {
  try {
    const traces: OpenedTrace[] = [];
    const found: Found = { told: new Map(), logFiles: [], payloads: new Map(), capture: {} };
    let skipped = 0;
    for (const entry of zipEntries(bytes)) {
      if (noteEntry(found, entry)) continue;
      const json = /\.json$/i.test(entry.name) ? parsedJson(await entry.read()) : undefined;
      if (isOtlp(json)) traces.push(...otlpTraces(entry.name, json));
      else if (/\.summary\.json$/i.test(entry.name)) noteSummary(found.told, json);
      else if (SESSION_FILE.test(entry.name)) found.capture = captureOf(json);
      else skipped++;
    }
    return { traces: withParts(traces, found), skipped };
  } catch (error) {
    if (error instanceof ZipError) throw new OpenError(`${name} can’t be read: ${error.message}.`);
    throw error;
  }
}

/** What is in an archive besides spans. */
interface Found {
  readonly told: Map<string, Told>;
  readonly logFiles: ZipEntry[];
  /** By the id of the root span. */
  readonly payloads: Map<string, ZipEntry>;
  /** What the session asked for besides spans; undefined where nothing tells. */
  capture: { readonly logs?: boolean; readonly payload?: boolean };
}

/** What a trace's summary tells that its spans do not. */
interface Told {
  readonly service?: string;
  readonly route?: string;
  readonly log_count?: number;
  readonly has_payload?: boolean;
}

/** Keeps what is unpacked later; false for any other file. */
function noteEntry({ logFiles, payloads }: Found, entry: ZipEntry): boolean {
  const id = PAYLOAD_FILE.exec(entry.name)?.[1];
  if (id !== undefined) payloads.set(id.toLowerCase(), entry);
  else if (LOG_FILE.test(entry.name)) logFiles.push(entry);
  else return false;
  return true;
}

function noteSummary(told: Map<string, Told>, json: unknown): void {
  const { id, service, route, log_count, has_payload } = fieldsOf(json);
  if (typeof id !== 'string') return;
  told.set(id, {
    ...(typeof service === 'string' ? { service: visibleText(service) } : {}),
    ...(typeof route === 'string' ? { route: visibleText(route) } : {}),
    ...(Number.isSafeInteger(log_count) && (log_count as number) > 0
      ? { log_count: log_count as number }
      : {}),
    ...(has_payload === true ? { has_payload } : {}),
  });
}

function captureOf(session: unknown): Found['capture'] {
  const { logs, headers, bodies } = fieldsOf(fieldsOf(session)['capture']);
  return {
    ...(logs === undefined ? {} : { logs: logs !== false }),
    ...(headers === undefined && bodies === undefined
      ? {}
      : { payload: headers === true || bodies === true }),
  };
}

function fieldsOf(json: unknown): Partial<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? json : {};
}

function withParts(traces: readonly OpenedTrace[], found: Found): OpenedTrace[] {
  const log = found.logFiles.length === 0 ? null : new OpenedLog(found.logFiles);
  const spansOf = new Map<string, (readonly string[])[]>();
  for (const { skeleton } of traces) {
    const known = spansOf.get(skeleton.summary.trace_id);
    if (known === undefined) spansOf.set(skeleton.summary.trace_id, [skeleton.span_id]);
    else known.push(skeleton.span_id);
  }
  return traces.map(({ skeleton, block }): OpenedTrace => {
    const summary = { ...skeleton.summary, ...found.told.get(skeleton.summary.id) };
    const others = spansOf.get(summary.trace_id)!.filter((ids) => ids !== skeleton.span_id);
    return {
      skeleton: { ...skeleton, summary },
      block,
      log: logPart(found, log, summary.trace_id, skeleton.span_id, others),
      payload: payloadPart(found, summary.id, summary.has_payload),
    };
  });
}

function logPart(
  { capture }: Found,
  log: OpenedLog | null,
  traceId: string,
  spanIds: readonly string[],
  others: readonly (readonly string[])[],
): TracePart<TraceLog> {
  if (log !== null) return { read: () => log.ofTrace(traceId, spanIds, others) };
  if (capture.logs === false) return { reason: NO_LOGS_ASKED };
  return capture.logs === true
    ? { read: () => Promise.resolve({ lines: [], isCut: false }) }
    : { reason: 'The archive holds no log.' };
}

function payloadPart({ capture, payloads }: Found, id: string, wasCaptured: boolean): TracePart<Payload> {
  const entry = payloads.get(id);
  if (entry !== undefined) return { read: once(() => readPayload(entry)) };
  if (wasCaptured)
    return {
      reason:
        'Headers and bodies of this request were captured, but are not in the archive: whoever exported it may not read payloads.',
    };
  if (capture.payload === false)
    return { reason: 'Neither headers nor bodies were captured: this session did not ask for them.' };
  return { reason: 'No headers or bodies of this request are in the archive.' };
}

async function readPayload(entry: ZipEntry): Promise<Payload> {
  return openedPayload(parsedJson(await entry.read()), entry.name);
}

/** Unpacked over and over, a file would use up what the whole archive may unpack to. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => {
    result ??= read();
    return result;
  };
}
