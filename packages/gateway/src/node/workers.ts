import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { AppError, type Logger } from '@gatescope/base';
import { TICKET_KEY_BYTES } from '../proxy/certificate-store.ts';
import { WorkerHandle } from './worker-handle.ts';
import type { WorkerCounts } from './worker-messages.ts';

/** Program and arguments of a worker process. */
export interface WorkerProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface WorkersOptions {
  readonly count: number;
  readonly program: WorkerProgram;
  readonly logger: Logger;
  /** How long requests in flight have at the end. */
  readonly drainTimeoutMs: number;
}

/** Whom the workers tell what happens to them. */
export interface WorkersListener {
  /** A worker listens: it is given what the others have before it counts as started. */
  equip(worker: WorkerHandle): Promise<void>;
  onCounts(worker: WorkerHandle, counts: readonly WorkerCounts[]): void;
  onExit(worker: WorkerHandle): void;
}

/** Pause before a worker that ended is replaced; doubled for each that ends within {@link SETTLED_MS}. */
const RESTART_MS = 100;
const RESTART_MAX_MS = 5_000;
const SETTLED_MS = 10_000;
/** Session tickets are sealed with new keys this often: a session older than its keys is begun anew. */
const TICKET_KEYS_MS = 12 * 3_600_000;
/** Beyond the time that requests have, a worker has so long to send what waits before it is killed. */
const LAST_WORDS_MS = 10_000;

/** The worker processes of a node: as many as are wanted, each replaced where it ends, with the same keys for session tickets. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #listener: WorkersListener;
  readonly #alive = new Set<WorkerHandle>();
  readonly #onGone = new Map<WorkerHandle, () => void>();
  #ticketKeys = randomBytes(TICKET_KEY_BYTES);
  #ticketTimer: NodeJS.Timeout | null = null;
  #quickEnds = 0;
  #stopping = false;
  /** How many were replaced. */
  replaced = 0;

  constructor(options: WorkersOptions, listener: WorkersListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get alive(): readonly WorkerHandle[] {
    return [...this.#alive];
  }

  /** One that listens, or none. */
  get listening(): WorkerHandle | undefined {
    return this.alive.find((worker) => worker.isListening);
  }

  /** Resolves once all of them listen; rejects where a listener can't be opened. */
  async start(): Promise<void> {
    const { program, count } = this.#options;
    cluster.setupPrimary({ exec: program.program, args: [...program.args] });
    this.#ticketTimer = setInterval(() => this.#renewTicketKeys(), TICKET_KEYS_MS);
    await Promise.all(Array.from({ length: count }, () => this.#startOne()));
  }

  /** Lets every request end, and resolves when all workers have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#ticketTimer !== null) clearInterval(this.#ticketTimer);
    const ended = this.alive.map((worker) => {
      worker.drain();
      return new Promise<void>((resolve) => this.#onGone.set(worker, resolve));
    });
    const timeout = setTimeout(() => {
      for (const worker of this.#alive) worker.kill();
    }, this.#options.drainTimeoutMs + LAST_WORDS_MS);
    await Promise.all(ended);
    clearTimeout(timeout);
  }

  #startOne(): Promise<void> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const handle = new WorkerHandle(this.#options.program.env, {
        onListening: (worker) => {
          worker.useTicketKeys(this.#ticketKeys);
          void this.#listener.equip(worker).then(resolve);
        },
        onFailed: (worker, message) => {
          this.#alive.delete(worker);
          this.#options.logger.log('crit', 'worker', message);
          worker.kill();
          reject(new AppError('unavailable', message));
        },
        onCounts: (worker, counts) => this.#listener.onCounts(worker, counts),
        onExit: (worker, how) => {
          this.#listener.onExit(worker);
          this.#onGone.get(worker)?.();
          if (!this.#alive.delete(worker) || this.#stopping) return;
          this.#replace(worker, how, startedMs);
          resolve();
        },
      });
      this.#alive.add(handle);
    });
  }

  #replace(worker: WorkerHandle, how: string, startedMs: number): void {
    this.#quickEnds = performance.now() - startedMs < SETTLED_MS ? this.#quickEnds + 1 : 0;
    const waitMs = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** Math.max(0, this.#quickEnds - 1));
    this.#options.logger.log(
      'alert',
      'worker',
      `worker ${worker.pid ?? ''} ended with ${how}; another one starts in ${waitMs} ms`,
    );
    this.replaced++;
    setTimeout(() => {
      if (!this.#stopping) this.#startOne().catch(() => undefined);
    }, waitMs);
  }

  #renewTicketKeys(): void {
    this.#ticketKeys = randomBytes(TICKET_KEY_BYTES);
    for (const worker of this.#alive) worker.useTicketKeys(this.#ticketKeys);
  }
}
