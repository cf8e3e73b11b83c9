import type { Logger } from '@gatescope/base';
import { messageOf } from '@gatescope/base';
import { extendScopeSpans, type LogLine, ProtoWriter, writeScopeLogs } from '@gatescope/trace';
import { cleanLine, isKept } from '../logging/log-lines.ts';
import type { RawLine } from '../logging/request-log.ts';
import type { ArmedSession } from '../tracing/armed-session.ts';
import { buildPayload } from './build-payload.ts';
import type { PayloadCapture } from './payload-capture.ts';

/** Bytes of traces that wait for their lines and payload to be looked through, bodies not counted; see `CAPTURE_BYTES_MAX` for those. */
export const DETAIL_BYTES_MAX = 32 * 1_048_576;
/** What a line counts for besides its text. */
const LINE_BYTES = 256;
/** Lines that are looked through in one turn of the event loop. */
const LINES_A_TURN = 100;

/** A trace kept for a session that wants more of it than its spans. */
export interface DetailJob {
  readonly session: ArmedSession;
  /** A copy of the trace as it is encoded for this session, as a field of ResourceSpans. */
  readonly scopeSpans: Uint8Array;
  readonly spans: number;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  readonly lines: readonly RawLine[];
  /** Of each line the id of its span, 16 hexadecimal digits. */
  readonly spanIds: readonly string[];
  /** Released when the job is done. */
  readonly payload: PayloadCapture | null;
  /** Of the client's request, as it came. */
  readonly query: string;
  readonly wallOffsetMs: number;
}

/** Takes a trace that is ready to be sent. */
export interface TraceSink {
  push(bytes: Uint8Array, sessions: readonly ArmedSession[], spans: number): void;
}

/**
 * Makes what sessions want of traces besides spans ready to be sent: redacts lines and payload, one after the other and a piece at a time, so
 * that requests are served in between.
 */
export class DetailQueue {
  readonly #sink: TraceSink;
  readonly #logger: Logger;
  readonly #jobs: DetailJob[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;

  constructor(sink: TraceSink, logger: Logger) {
    this.#sink = sink;
    this.#logger = logger;
  }

  /** Takes a trace; where too much waits, it is sent without what it should have had, and the session's counts say so. */
  add(job: DetailJob): void {
    const bytes = bytesOf(job);
    if (this.#bytes + bytes > DETAIL_BYTES_MAX) {
      job.payload?.release();
      job.session.drop('details_queue_full');
      this.#sink.push(job.scopeSpans, [job.session], job.spans);
      return;
    }
    this.#bytes += bytes;
    this.#jobs.push(job);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves once everything has been handed on. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      await turn();
      let bytes = job.scopeSpans;
      try {
        bytes = await extended(job);
      } catch (error) {
        // What could not be looked through is not sent.
        job.session.drop('details_failed');
        this.#logger.log('error', 'capture', `a capture could not be made ready: ${messageOf(error)}`);
      }
      job.payload?.release();
      this.#bytes -= bytesOf(job);
      this.#sink.push(bytes, [job.session], job.spans);
    }
  }
}

async function extended(job: DetailJob): Promise<Uint8Array> {
  const logs = await logsOf(job);
  const payload = await payloadOf(job);
  return logs === null && payload === null
    ? job.scopeSpans
    : extendScopeSpans(job.scopeSpans, { logs, payload });
}

async function logsOf(job: DetailJob): Promise<Uint8Array | null> {
  const { session, lines, spanIds, wallOffsetMs, traceId } = job;
  const { logs } = session.capture;
  if (logs === false) return null;
  const clean: LogLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (index > 0 && index % LINES_A_TURN === 0) await turn();
    if (!isKept(line.level, logs)) continue;
    clean.push(cleanLine(line, session.sanitizer, wallOffsetMs, { traceId, spanId: spanIds[index]! }));
  }
  if (clean.length === 0) return null;
  const writer = new ProtoWriter(4_096);
  writeScopeLogs(writer, {}, clean);
  return writer.view();
}

async function payloadOf({ session, payload, query }: DetailJob): Promise<Uint8Array | null> {
  if (payload === null || (!session.capture.headers && !session.capture.bodies)) return null;
  if (payload.isShort) session.drop('payload_memory');
  const built = await buildPayload(payload, query, session.capture, session.sanitizer);
  return Buffer.from(JSON.stringify(built));
}

function bytesOf({ scopeSpans, lines }: DetailJob): number {
  let bytes = scopeSpans.length;
  for (const { message } of lines) bytes += message.length + LINE_BYTES;
  return bytes;
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
