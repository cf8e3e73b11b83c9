import { setTimeout as delay } from 'node:timers/promises';
import { type LogLevel, messageOf } from '@gatescope/base';

/** What a queue holds at most and how long it tries; times are milliseconds. */
export interface QueueLimits {
  readonly batchEntriesMax: number;
  /** How long a batch that is not full waits for more. */
  readonly coalesceMs: number;
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** How long a batch is tried again before it is given up. */
  readonly retryMs: number;
  readonly firstRetryMs: number;
  readonly retryPauseMsMax: number;
}

/** What entries take at most, whatever the configuration says, bytes. */
const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** What a batch takes at most, bytes; a larger entry has one of its own. */
const BATCH_BYTES_MAX = 4 * 1_048_576;

export interface Delivery<T> {
  /** Rejects where the batch was not taken; it is tried again then. */
  deliver(batch: readonly T[]): Promise<void>;
  log(level: LogLevel, message: string): void;
}

/**
 * Entries on their way to a server, sent in batches one after the other. Whoever adds one never waits: where the queue is full the oldest
 * entries are dropped, counted and told of.
 */
export class DeliveryQueue<T> {
  readonly #limits: QueueLimits;
  readonly #delivery: Delivery<T>;
  readonly #bytesMax: number;
  #entries: { readonly entry: T; readonly bytes: number }[] = [];
  #bytes = 0;
  /** Entries that did not fit since this was last told. */
  #untold = 0;
  #dropped = 0;
  #isClosed = false;
  #running: Promise<void> | null = null;
  readonly #hurry = new AbortController();

  constructor(limits: QueueLimits, delivery: Delivery<T>) {
    this.#limits = limits;
    this.#delivery = delivery;
    this.#bytesMax = Math.min(limits.bytesMax, QUEUE_BYTES_MAX);
  }

  /** Entries that were lost: that did not fit, or were not taken in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes an entry of so many bytes. */
  push(entry: T, bytes: number): void {
    if (bytes > this.#bytesMax) {
      this.#drop(1);
      return;
    }
    const { entriesMax } = this.#limits;
    while (
      this.#entries.length > 0 &&
      (this.#entries.length >= entriesMax || this.#bytes + bytes > this.#bytesMax)
    ) {
      this.#bytes -= this.#entries.shift()!.bytes;
      this.#drop(1);
    }
    this.#entries.push({ entry, bytes });
    this.#bytes += bytes;
    // Behind the request that is logged: what is sent here is not its doing.
    this.#running ??= new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#run())
      .finally(() => {
        this.#running = null;
      });
  }

  /** Sends what waits without further pauses, once; entries may still come. Resolves when nothing waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#hurry.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { batchEntriesMax, coalesceMs } = this.#limits;
    while (this.#entries.length > 0) {
      if (this.#entries.length < batchEntriesMax && batchEntriesMax > 1) await this.#pause(coalesceMs);
      await this.#send(this.#take());
    }
  }

  #take(): T[] {
    const batch: T[] = [];
    let size = 0;
    for (const { entry, bytes } of this.#entries) {
      if (
        batch.length === this.#limits.batchEntriesMax ||
        (size + bytes > BATCH_BYTES_MAX && batch.length > 0)
      )
        break;
      batch.push(entry);
      size += bytes;
    }
    this.#entries.splice(0, batch.length);
    this.#bytes -= size;
    return batch;
  }

  async #send(batch: readonly T[]): Promise<void> {
    const { retryMs, firstRetryMs, retryPauseMsMax } = this.#limits;
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#delivery.deliver(batch);
        this.#tellDropped();
        return;
      } catch (error) {
        const isOver = this.#isClosed || performance.now() - startMs >= retryMs;
        if (attempt === 0 && !isOver)
          this.#delivery.log(
            'warn',
            `could not send ${entries(batch.length)}, trying again: ${messageOf(error)}`,
          );
        if (isOver) {
          this.#dropped += batch.length;
          this.#delivery.log('error', `${entries(batch.length)} lost: ${messageOf(error)}`);
          return;
        }
        await this.#pause(Math.min(retryPauseMsMax, firstRetryMs * 2 ** Math.min(attempt, 30)));
      }
    }
  }

  #drop(count: number): void {
    this.#dropped += count;
    if (this.#untold === 0) this.#delivery.log('error', 'the queue is full: the oldest entries are dropped');
    this.#untold += count;
  }

  #tellDropped(): void {
    if (this.#untold === 0) return;
    this.#delivery.log('error', `${entries(this.#untold)} dropped since the queue was full`);
    this.#untold = 0;
  }

  /** Ends at once when the queue is closed. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { ref: false, signal: this.#hurry.signal }).catch(() => undefined);
  }
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}
