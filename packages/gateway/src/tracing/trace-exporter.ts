import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, type LogLevel, messageOf } from '@gatescope/base';
import { CLUSTER_PATHS } from '@gatescope/protocol';
import { encodeResource } from '@gatescope/trace';
import type { ArmedSession, DropReason } from './armed-session.ts';
import { TelemetrySender, type TelemetryTarget } from './telemetry-sender.ts';
import { TraceBatch } from './trace-batch.ts';
import type { TraceShape } from './trace-shape.ts';

/** Bytes waiting to be sent, at most. */
export const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** Bytes of one request as it is coded; a larger trace has a batch of its own. */
const BATCH_BYTES = 1_048_576;
/** And as it is decoded, which the control plane does at once. */
const BATCH_DECODED_BYTES = 4 * 1_048_576;
/** Batches are kept for use again until nothing has been sent for so long. */
const KEEP_BATCHES_MS = 10_000;
/** How long a trace waits for company. */
const LINGER_MS = 50;
/**
 * A worker whose event loop is busy for more than this share of the time that a request took rests so many times as long before the next: what
 * the control plane does with traces may be taken from the processors that traffic needs.
 */
const BUSY_SHARE = 0.7;
const REST_FACTOR = 6;
const REST_MS_MAX = 900;

export interface TraceExporterOptions {
  /** How long a batch is tried again, milliseconds. */
  readonly keepTryingMs?: number;
  /** Begins to watch the event loop; what it answers tells for which share of the time since then it was busy. */
  watchLoop?(): () => number;
}

/** Sends traces in batches, one request at a time, and counts what is lost. Never makes anybody wait. */
export class TraceExporter {
  readonly #resource: Uint8Array;
  readonly #logger: Logger;
  readonly #sender: TelemetrySender;
  readonly #watchLoop: () => () => number;
  /** Batches that are to be sent, the oldest first; traces are added to the last. */
  readonly #batches: TraceBatch[] = [];
  /** No more than {@link QUEUE_BYTES_MAX} of them were ever needed. */
  readonly #free: TraceBatch[] = [];
  #freeTimer: NodeJS.Timeout | null = null;
  /** Bytes of all batches that are to be sent or being sent. */
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #closed = false;
  /** performance.now() before which no further request begins. */
  #restUntilMs = 0;

  constructor(
    resource: Readonly<Record<string, string>>,
    logger: Logger,
    { keepTryingMs, watchLoop = watchEventLoop }: TraceExporterOptions = {},
  ) {
    this.#sender = new TelemetrySender(CLUSTER_PATHS.traces, keepTryingMs);
    this.#resource = encodeResource(resource);
    this.#logger = logger;
    this.#watchLoop = watchLoop;
  }

  /** Whether so much waits that a further trace is not worth encoding. */
  get isFull(): boolean {
    return this.#bytes >= QUEUE_BYTES_MAX;
  }

  /** Sets where traces go from now on; what waits is sent there. */
  setTarget(target: TelemetryTarget): void {
    this.#sender.setTarget(target);
    this.#schedule(0);
  }

  /**
   * Takes a trace of so many spans, as the fill of a shape or encoded as a ScopeSpans field of ResourceSpans, for these sessions, each of which
   * has it counted as pending; the bytes are copied. One too many is dropped and counted.
   */
  push(trace: TraceShape | Uint8Array, sessions: readonly ArmedSession[], spans: number): void {
    const batches = this.#batches;
    if (batches.length === 0 || !batches[batches.length - 1]!.add(trace, sessions, spans)) {
      const batch = this.#newBatch(TraceBatch.bytesFor(trace));
      if (batch === null) {
        for (const session of sessions) lose(session, 1, 'queue_full');
        return;
      }
      batch.add(trace, sessions, spans);
      batches.push(batch);
    }
    this.#schedule(LINGER_MS);
  }

  /** Sends what waits, for at most `timeoutMs`, and stops; what is left counts as lost. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const timeout = delay(timeoutMs, undefined, { ref: false });
    if (this.#sender.hasTarget && this.#sending === null && this.#batches.length > 0) this.#start();
    await Promise.race([this.#sending, timeout]);
    await this.#sender.close();
  }

  #schedule(ms: number): void {
    if (
      this.#closed ||
      this.#timer !== null ||
      this.#sending !== null ||
      !this.#sender.hasTarget ||
      this.#batches.length === 0
    )
      return;
    this.#timer = setTimeout(() => this.#start(), Math.max(ms, this.#restUntilMs - performance.now()));
  }

  #start(): void {
    this.#timer = null;
    this.#sending = this.#drain().finally(() => {
      this.#sending = null;
      // Where more than one batch waits, the first is full.
      this.#schedule(this.#batches.length > 1 ? 0 : LINGER_MS);
    });
  }

  /** Sends what waits, until there is nothing or a rest is due. */
  async #drain(): Promise<void> {
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      const startMs = performance.now();
      const busyShare = this.#watchLoop();
      await this.#send(batch);
      this.#bytes -= batch.capacity;
      batch.clear();
      if (batch.capacity === BATCH_BYTES) this.#free.push(batch);
      if (busyShare() < BUSY_SHARE) continue;
      const nowMs = performance.now();
      this.#restUntilMs = nowMs + Math.min((nowMs - startMs) * REST_FACTOR, REST_MS_MAX);
      if (!this.#closed && this.#bytes < QUEUE_BYTES_MAX / 2) break;
    }
    // While traces come again and again, memory that is let go of and taken anew is work for the garbage collector.
    if (this.#freeTimer === null)
      this.#freeTimer = setTimeout(() => {
        this.#free.length = 0;
        this.#freeTimer = null;
      }, KEEP_BATCHES_MS).unref();
    else this.#freeTimer.refresh();
  }

  /** A batch with room for a trace of so many bytes; null where the queue has none. */
  #newBatch(bytes: number): TraceBatch | null {
    const capacity = Math.max(BATCH_BYTES, bytes);
    if (this.#bytes + capacity > QUEUE_BYTES_MAX) return null;
    this.#bytes += capacity;
    const free = capacity === BATCH_BYTES ? this.#free.pop() : undefined;
    return free ?? new TraceBatch(this.#resource, capacity, BATCH_DECODED_BYTES);
  }

  async #send(batch: TraceBatch): Promise<void> {
    const outcome = await this.#sender.send(batch, (error) =>
      this.#tell('notice', `traces could not be sent: ${messageOf(error)}; trying again`),
    );
    if (outcome.kind === 'taken') settle(batch);
    else if (outcome.kind === 'refused') {
      this.#tell('warn', `the control plane refused ${batch.traces} traces with ${outcome.status}`);
      for (const { session, traces } of batch.shares) lose(session, traces, 'rejected');
    } else {
      this.#tell('warn', `${batch.traces} traces were lost: the control plane can't be reached`);
      for (const { session, traces } of batch.shares) lose(session, traces, 'export_failed');
    }
  }

  #tell(level: LogLevel, message: string): void {
    this.#logger.log(level, 'telemetry', message);
  }
}

function watchEventLoop(): () => number {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization;
}

function settle({ shares }: TraceBatch): void {
  for (const { session, traces, spans } of shares) {
    session.pending -= traces;
    session.counts.traces += traces;
    session.counts.spans += spans;
  }
}

function lose(session: ArmedSession, traces: number, reason: DropReason): void {
  session.pending -= traces;
  session.drop(reason, traces);
}
