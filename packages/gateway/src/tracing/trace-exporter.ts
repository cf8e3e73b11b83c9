import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, type LogLevel, messageOf } from '@gatescope/base';
import { CLUSTER_PATHS } from '@gatescope/protocol';
import { encodeResource } from '@gatescope/trace';
import type { DropReason } from './armed-session.ts';
import { TelemetrySender, type TelemetryTarget } from './telemetry-sender.ts';
import { type BatchedTrace, TraceBatch } from './trace-batch.ts';

/** Bytes waiting to be sent, at most. */
export const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** Bytes of one request; a larger trace has a batch of its own. */
const BATCH_BYTES = 1_048_576;
/** Batches kept for use again. */
const FREE_BATCHES_MAX = 4;
/** How long a trace waits for company. */
const LINGER_MS = 50;

/** Sends traces in batches, one request at a time, and counts what is lost. Never makes anybody wait. */
export class TraceExporter {
  readonly #resource: Uint8Array;
  readonly #logger: Logger;
  readonly #sender: TelemetrySender;
  /** Batches that are to be sent, the oldest first; traces are added to the last. */
  readonly #batches: TraceBatch[] = [];
  readonly #free: TraceBatch[] = [];
  /** Bytes of all batches that are to be sent or being sent. */
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #closed = false;

  constructor(resource: Readonly<Record<string, string>>, logger: Logger, keepTryingMs?: number) {
    this.#sender = new TelemetrySender(CLUSTER_PATHS.traces, keepTryingMs);
    this.#resource = encodeResource(resource);
    this.#logger = logger;
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

  /** Takes a trace, encoded as a ScopeSpans field of ResourceSpans; the bytes are copied. One too many is dropped and counted. */
  push(bytes: Uint8Array, trace: BatchedTrace): void {
    if (this.#batches.at(-1)?.add(bytes, trace) !== true) {
      const batch = this.#newBatch(bytes.length);
      if (batch === null) {
        drop([trace], 'queue_full');
        return;
      }
      batch.add(bytes, trace);
      this.#batches.push(batch);
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
    this.#timer = setTimeout(() => this.#start(), ms);
  }

  #start(): void {
    this.#timer = null;
    this.#sending = this.#drain().finally(() => {
      this.#sending = null;
      this.#schedule(LINGER_MS);
    });
  }

  async #drain(): Promise<void> {
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      await this.#send(batch);
      this.#bytes -= batch.capacity;
      if (batch.capacity !== BATCH_BYTES || this.#free.length >= FREE_BATCHES_MAX) continue;
      batch.clear();
      this.#free.push(batch);
    }
  }

  /** A batch with room for a trace of so many bytes; null where the queue has none. */
  #newBatch(bytes: number): TraceBatch | null {
    const capacity = Math.max(BATCH_BYTES, bytes);
    if (this.#bytes + capacity > QUEUE_BYTES_MAX) return null;
    this.#bytes += capacity;
    const free = capacity === BATCH_BYTES ? this.#free.pop() : undefined;
    return free ?? new TraceBatch(this.#resource, capacity);
  }

  async #send(batch: TraceBatch): Promise<void> {
    const { traces } = batch;
    const outcome = await this.#sender.send(batch.body(), (error) =>
      this.#tell('notice', `traces could not be sent: ${messageOf(error)}; trying again`),
    );
    if (outcome.kind === 'taken') settle(traces);
    else if (outcome.kind === 'refused') {
      this.#tell('warn', `the control plane refused ${traces.length} traces with ${outcome.status}`);
      drop(traces, 'rejected');
    } else {
      this.#tell('warn', `${traces.length} traces were lost: the control plane can't be reached`);
      drop(traces, 'export_failed');
    }
  }

  #tell(level: LogLevel, message: string): void {
    this.#logger.log(level, 'telemetry', message);
  }
}

function settle(batch: readonly BatchedTrace[]): void {
  for (const trace of batch) {
    for (const session of trace.sessions) {
      session.pending--;
      session.counts.traces++;
      session.counts.spans += trace.spans;
    }
  }
}

function drop(batch: readonly BatchedTrace[], reason: DropReason): void {
  for (const trace of batch) {
    for (const session of trace.sessions) {
      session.pending--;
      session.drop(reason);
    }
  }
}
