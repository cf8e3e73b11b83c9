import cluster, { type Worker } from 'node:cluster';
import type { LogAttributes, LogLevel } from '@gatescope/base';
import type { DesiredSession, SyncSessionsResult } from '@gatescope/protocol';
import type { WorkerNumbers } from '../proxy/request-numbers.ts';
import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';
import type { FromWorker, ToWorker, WorkerCounts } from './worker-messages.ts';

export interface WorkerHandleListener {
  onListening(worker: WorkerHandle): void;
  onFailed(worker: WorkerHandle, message: string): void;
  onCounts(worker: WorkerHandle, counts: readonly WorkerCounts[]): void;
  onExit(worker: WorkerHandle, how: string): void;
}

/** How long a worker may take to answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long it may take to tell its numbers: whoever collects them waits. */
const NUMBERS_TIMEOUT_MS = 2_000;

/** A worker process as the primary sees it. */
export class WorkerHandle {
  readonly #worker: Worker;
  readonly #answers = new Map<number, (message: FromWorker | null) => void>();
  #nextId = 1;
  isListening = false;

  constructor(env: Readonly<Record<string, string>>, listener: WorkerHandleListener) {
    this.#worker = cluster.fork(env);
    this.#worker.on('message', (message: FromWorker) => {
      if (message.type === 'listening') {
        this.isListening = true;
        listener.onListening(this);
      } else if (message.type === 'failed') listener.onFailed(this, message.message);
      else if (message.type === 'counts') listener.onCounts(this, message.sessions);
      else {
        this.#answers.get(message.id)?.(message);
        this.#answers.delete(message.id);
      }
    });
    this.#worker.on('exit', (code, signal) => {
      for (const answer of this.#answers.values()) answer(null);
      this.#answers.clear();
      listener.onExit(this, signal === null ? `code ${code}` : signal);
    });
    this.#worker.on('error', () => {
      // A message to a worker that is gone; its exit is told.
    });
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** Answers the hash of the configuration in force, or why it was refused. */
  async apply(config: string): Promise<{ hash: string | null; error: string | null }> {
    const answer = await this.#ask((id) => ({ type: 'apply', id, config }));
    if (answer?.type === 'applied') return { hash: answer.hash, error: answer.error };
    return { hash: null, error: 'the worker did not answer' };
  }

  /** Answers each session's state, or null if the worker ended or hangs. */
  async sync(sessions: readonly DesiredSession[]): Promise<SyncSessionsResult['sessions'] | null> {
    const answer = await this.#ask((id) => ({ type: 'sync', id, sessions }));
    return answer?.type === 'synced' ? answer.sessions : null;
  }

  /** Answers how busy it is; null if it ended or hangs. */
  async numbers(): Promise<WorkerNumbers | null> {
    const answer = await this.#ask((id) => ({ type: 'numbers', id }), NUMBERS_TIMEOUT_MS);
    return answer?.type === 'numbers' ? answer.numbers : null;
  }

  setTelemetryTarget(target: TelemetryTarget): void {
    this.#send({ type: 'telemetry', target });
  }

  useTicketKeys(keys: Buffer): void {
    this.#send({ type: 'ticket-keys', keys: keys.toString('base64') });
  }

  /** Gives it a line of the primary's log, for the sessions that capture logs. */
  log(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    this.#send({ type: 'log', level, kind: type, message, attributes });
  }

  drain(): void {
    this.#send({ type: 'drain' });
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #ask(make: (id: number) => ToWorker, timeoutMs = ANSWER_TIMEOUT_MS): Promise<FromWorker | null> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#answers.delete(id);
        resolve(null);
      }, timeoutMs);
      this.#answers.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#send(make(id));
    });
  }

  #send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }
}
