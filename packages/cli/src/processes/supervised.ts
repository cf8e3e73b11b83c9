import { type ChildProcess, spawn } from 'node:child_process';
import type { FromChild } from './child-messages.ts';

export interface SupervisedOptions {
  readonly title: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called for every start; the first tells whether anything works at all. */
  onListening(message: FromChild & { type: 'listening' }): void;
  onFailed(message: string): void;
  onRestart(how: string, waitMs: number): void;
}

const RESTART_MS = 100;
const RESTART_MAX_MS = 5_000;
/** A child that ran this long starts anew without a longer pause. */
const SETTLED_MS = 10_000;
/** After SIGTERM, the time until SIGKILL. */
const KILL_MS = 25_000;

/** A child process that is started again whenever it ends by itself. It notices through its IPC channel when this process is gone. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #quickEnds = 0;
  #stopping = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Asks the child to end and resolves when it has. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
    await ended;
    clearTimeout(timer);
  }

  #start(): void {
    const { args, env } = this.#options;
    const startedMs = performance.now();
    const child = spawn(process.execPath, [...args], {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    this.#child = child;
    child.on('message', (message: FromChild) => {
      if (message.type === 'listening') this.#options.onListening(message);
      else this.#options.onFailed(message.message);
    });
    child.on('error', () => {
      // Told by its exit, or there is no child to speak of; then it is started again.
    });
    child.on('close', (code, signal) => {
      if (this.#stopping) return;
      this.#quickEnds = performance.now() - startedMs < SETTLED_MS ? this.#quickEnds + 1 : 0;
      const waitMs = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** Math.max(0, this.#quickEnds - 1));
      this.#options.onRestart(signal ?? `code ${code}`, waitMs);
      this.#timer = setTimeout(() => this.#start(), waitMs);
    });
  }
}
