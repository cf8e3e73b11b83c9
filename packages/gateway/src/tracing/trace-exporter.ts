import { BoundedQueue, type Logger, messageOf } from '@gatescope/base';
import { type AttributeValue, fieldKey, ProtoWriter } from '@gatescope/trace';
import { Agent, request } from 'undici';
import type { ArmedSession, DropReason } from './armed-session.ts';

/** An encoded trace on its way out. */
export interface QueuedTrace {
  /** A ScopeSpans field of ResourceSpans, key included. */
  readonly bytes: Uint8Array;
  readonly sessions: readonly ArmedSession[];
  readonly spans: number;
}

/** Where traces go; the primary hands it to the workers whenever the control plane says hello. */
export interface TelemetryTarget {
  /** `https://host:port` of the cluster listener. */
  readonly url: string;
  readonly token: string;
  readonly serverName: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Bytes waiting to be sent, at most. */
export const QUEUE_BYTES_MAX = 32 * 1_048_576;
/** Bytes of one request, about. */
const BATCH_BYTES = 1_048_576;
const BATCH_TRACES_MAX = 1_000;
/** How long a trace waits for company. */
const LINGER_MS = 50;
const TRIES_MAX = 8;
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 5_000;
const TIMEOUT_MS = 10_000;

/** Sends traces in batches, one request at a time, and counts what is lost. Never makes anybody wait. */
export class TraceExporter {
  readonly #resource: Uint8Array;
  readonly #logger: Logger;
  readonly #queue = new BoundedQueue<QueuedTrace>(QUEUE_BYTES_MAX);
  #target: TelemetryTarget | null = null;
  #agent: Agent | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  /** Cuts the pause before the next try short. */
  #tryNow: (() => void) | null = null;
  #closed = false;

  constructor(resource: Readonly<Record<string, AttributeValue>>, logger: Logger) {
    this.#resource = encodeResource(resource);
    this.#logger = logger;
  }

  /** Whether a further trace would be refused for sure. */
  get isFull(): boolean {
    return this.#queue.weight >= QUEUE_BYTES_MAX - 65_536;
  }

  /** Sets where traces go from now on; what waits is sent there. */
  setTarget(target: TelemetryTarget): void {
    const previous = this.#agent;
    this.#target = target;
    const { cert, key, ca, serverName } = target;
    this.#agent = new Agent({
      connections: 1,
      pipelining: 1,
      connect: { cert, key, ca, servername: serverName, timeout: TIMEOUT_MS },
    });
    void previous?.destroy();
    this.#tryNow?.();
    this.#schedule(0);
  }

  push(trace: QueuedTrace): void {
    if (!this.#queue.push(trace, trace.bytes.length)) drop([trace], 'queue_full');
    else this.#schedule(LINGER_MS);
  }

  /** Sends what waits, for at most `timeoutMs`, and stops; what is left counts as lost. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const timeout = delay(timeoutMs);
    if (this.#target !== null && this.#sending === null && this.#queue.length > 0) this.#start();
    await Promise.race([this.#sending, timeout]);
    await this.#agent?.destroy();
  }

  #schedule(ms: number): void {
    if (
      this.#closed ||
      this.#timer !== null ||
      this.#sending !== null ||
      this.#target === null ||
      this.#queue.length === 0
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
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      await this.#send(batch);
    }
  }

  #takeBatch(): QueuedTrace[] {
    const batch: QueuedTrace[] = [];
    let bytes = 0;
    while (bytes < BATCH_BYTES && batch.length < BATCH_TRACES_MAX) {
      const trace = this.#queue.shift();
      if (trace === undefined) break;
      batch.push(trace);
      bytes += trace.bytes.length;
    }
    return batch;
  }

  async #send(batch: readonly QueuedTrace[]): Promise<void> {
    const body = this.#encode(batch);
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const target = this.#target!;
      try {
        const response = await request(`${target.url}/v1/traces`, {
          method: 'POST',
          dispatcher: this.#agent!,
          headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${target.token}` },
          body,
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
        });
        await response.body.dump();
        if (response.statusCode === 200) {
          settle(batch);
          return;
        }
        if (response.statusCode < 500 && response.statusCode !== 429 && response.statusCode !== 401) {
          this.#logger.log(
            'warn',
            'telemetry',
            `the control plane refused ${batch.length} traces with ${response.statusCode}`,
          );
          drop(batch, 'rejected');
          return;
        }
      } catch (error) {
        if (attempt === 0)
          this.#logger.log(
            'notice',
            'telemetry',
            `traces could not be sent: ${messageOf(error)}; trying again`,
          );
      }
      const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** attempt);
      await this.#pause(backoff / 2 + Math.random() * (backoff / 2));
    }
    this.#logger.log(
      'warn',
      'telemetry',
      `${batch.length} traces were lost: the control plane can't be reached`,
    );
    drop(batch, 'export_failed');
  }

  async #pause(ms: number): Promise<void> {
    await Promise.race([delay(ms), new Promise<void>((resolve) => (this.#tryNow = resolve))]);
    this.#tryNow = null;
  }

  #encode(batch: readonly QueuedTrace[]): Uint8Array {
    const writer = new ProtoWriter(BATCH_BYTES + 65_536);
    const length = this.#resource.length + batch.reduce((sum, trace) => sum + trace.bytes.length, 0);
    writer.varint(fieldKey(1, 2), length);
    writer.raw(this.#resource);
    for (const trace of batch) writer.raw(trace.bytes);
    return writer.finish();
  }
}

function encodeResource(resource: Readonly<Record<string, AttributeValue>>): Uint8Array {
  const writer = new ProtoWriter(1_024);
  const message = writer.begin(fieldKey(1, 2));
  for (const [name, value] of Object.entries(resource)) {
    const pair = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), name);
    const item = writer.begin(fieldKey(2, 2));
    writer.string(fieldKey(1, 2), String(value));
    writer.end(item);
    writer.end(pair);
  }
  writer.end(message);
  return writer.finish();
}

function settle(batch: readonly QueuedTrace[]): void {
  for (const trace of batch) {
    for (const session of trace.sessions) {
      session.pending--;
      session.counts.traces++;
      session.counts.spans += trace.spans;
    }
  }
}

function drop(batch: readonly QueuedTrace[], reason: DropReason): void {
  for (const trace of batch) {
    for (const session of trace.sessions) {
      session.pending--;
      session.drop(reason);
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
