import { AppError } from '@gatescope/base';
import type { SentPayload, Session } from '@gatescope/protocol';
import { toOtlpJson } from '@gatescope/trace';
import type { TracePosition } from '../store/trace-repository.ts';
import type { LogFilter } from '../traces/log-filter.ts';
import type { LogPosition, LogReader } from '../traces/log-reader.ts';
import type { PayloadReader } from '../traces/payload-reader.ts';
import type { StoredTrace, TraceReader } from '../traces/trace-reader.ts';
import { harEntry } from './har-entry.ts';
import { type ZipFile, zipStream } from './zip-stream.ts';

export type ExportFormat = 'otlp' | 'har' | 'zip';

export interface ExportParts {
  readonly traces: TraceReader;
  readonly logs: LogReader;
  readonly payloads: PayloadReader;
  readonly version: string;
}

/** Traces looked up, and lines read, at a time. */
const PAGE = 100;
const LINES = 1_000;
const EVERY_TRACE = { status: null, method: null, route: null, minDurationMs: null, filter: null };

/** A session as a file, newest trace first: piece by piece, so that memory holds one trace at a time. */
export class SessionExport {
  readonly #parts: ExportParts;
  readonly #session: Session;
  readonly #withPayload: boolean;

  /** With `withPayload`, captured headers and bodies are in it. */
  constructor(parts: ExportParts, session: Session, withPayload: boolean) {
    this.#parts = parts;
    this.#session = session;
    this.#withPayload = withPayload;
  }

  /** Throws before the first piece where the session can not be read. */
  async *pieces(format: ExportFormat): AsyncGenerator<Buffer | string> {
    await this.#parts.traces.list(this.#session.id, EVERY_TRACE, 1, null);
    if (format === 'otlp') yield* this.#otlp();
    else if (format === 'har') yield* this.#har();
    else yield* zipStream(this.#files());
  }

  async *#otlp(): AsyncGenerator<string> {
    let separator = '{"resourceSpans":[';
    for await (const trace of this.#traces()) {
      for (const resource of this.#otlpOf(trace).resourceSpans) {
        yield separator + JSON.stringify(resource);
        separator = ',';
      }
    }
    yield separator === ',' ? ']}\n' : `${separator}]}\n`;
  }

  async *#har(): AsyncGenerator<string> {
    const creator = { name: 'Gatescope', version: this.#parts.version };
    yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[`;
    let separator = '';
    for await (const trace of this.#traces()) {
      yield separator + JSON.stringify(harEntry(trace, await this.#payloadOf(trace)));
      separator = ',';
    }
    yield ']}}\n';
  }

  async *#files(): AsyncGenerator<ZipFile> {
    yield file('session.json', this.#session);
    for await (const trace of this.#traces()) {
      const { id } = trace.summary;
      yield file(`traces/${id}.summary.json`, trace.summary);
      yield file(`traces/${id}.otlp.json`, this.#otlpOf(trace));
      const payload = await this.#payloadOf(trace);
      if (payload !== null) yield file(`payloads/${id}.json`, payload);
    }
    yield* this.#logFiles();
  }

  async *#logFiles(): AsyncGenerator<ZipFile> {
    const filter: LogFilter = { level: null, type: null, source: null, spanIds: null, text: null };
    let after: LogPosition | null = null;
    for (let number = 1; ; number++) {
      const page = await this.#parts.logs.ofSession(this.#session.id, filter, LINES, after);
      if (page.data.length > 0) {
        const lines = page.data.map((line) => `${JSON.stringify(line)}\n`).join('');
        yield { name: `logs/${String(number).padStart(5, '0')}.ndjson`, content: Buffer.from(lines) };
      }
      if (page.next === null) return;
      after = page.next;
    }
  }

  async *#traces(): AsyncGenerator<StoredTrace> {
    const { traces } = this.#parts;
    let after: TracePosition | null = null;
    for (;;) {
      const page: Awaited<ReturnType<TraceReader['list']>> = await traces.list(
        this.#session.id,
        EVERY_TRACE,
        PAGE,
        after,
      );
      for (const { id } of page.data) yield await traces.read(this.#session.id, id);
      if (page.next === null) return;
      after = page.next;
    }
  }

  async #payloadOf({ summary }: StoredTrace): Promise<SentPayload | null> {
    if (!this.#withPayload || !summary.has_payload) return null;
    try {
      return await this.#parts.payloads.read(this.#session.id, summary.id);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_captured') return null;
      throw error;
    }
  }

  #otlpOf({ summary, traceId, spans }: StoredTrace): { resourceSpans: object[] } {
    return toOtlpJson([{ trace_id: traceId, spans }], {
      'service.name': 'gatescope',
      'service.instance.id': summary.node_id,
      'service.version': this.#parts.version,
    }) as { resourceSpans: object[] };
  }
}

function file(name: string, value: unknown): ZipFile {
  return { name, content: Buffer.from(`${JSON.stringify(value)}\n`) };
}
