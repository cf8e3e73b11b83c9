import { useSyncExternalStore } from 'react';

/** How often a lost control plane is asked whether it is back. */
const PROBE_MS = 1_000;

/**
 * Whether the control plane answers. Every request tells how it went; once one got no answer, it is asked again and again until it
 * answers, and whoever listens is told to catch up.
 */
export class Connection {
  readonly #probe: () => Promise<boolean>;
  readonly #listeners = new Set<() => void>();
  readonly #recoveries = new Set<() => void>();
  #lostAtMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isProbing = false;

  /** `probe` asks once; it resolves with whether there was an answer and never rejects. */
  constructor(probe: () => Promise<boolean>) {
    this.#probe = probe;
  }

  /** Wall time at which the first request got no answer; null while they get one. */
  readonly lostAtMs = (): number | null => this.#lostAtMs;

  /** Told when `lostAtMs` changes; the result ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Told when it answers again after it was lost; the result ends that. */
  onRecovered(listener: () => void): () => void {
    this.#recoveries.add(listener);
    return () => this.#recoveries.delete(listener);
  }

  /** A request got no answer. */
  failed(): void {
    if (this.#lostAtMs !== null) return;
    this.#lostAtMs = Date.now();
    this.#tell(this.#listeners);
    this.#timer = setTimeout(() => void this.ask(), PROBE_MS);
  }

  /** A request got an answer, whichever. */
  answered(): void {
    if (this.#lostAtMs === null) return;
    this.#lostAtMs = null;
    clearTimeout(this.#timer);
    this.#tell(this.#listeners);
    this.#tell(this.#recoveries);
  }

  /** Finds out now, rather than with the next request. */
  async ask(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    clearTimeout(this.#timer);
    const isThere = await this.#probe();
    this.#isProbing = false;
    if (isThere) this.answered();
    else if (this.#lostAtMs === null) this.failed();
    else this.#timer = setTimeout(() => void this.ask(), PROBE_MS);
  }

  #tell(listeners: ReadonlySet<() => void>): void {
    for (const listener of [...listeners]) listener();
  }
}

/** Whether an answer is that of a proxy which could not reach the control plane. */
export function isFromProxy(status: number): boolean {
  return status === 502 || status === 504;
}

/** The page's connection to its control plane. */
export const connection = new Connection(async () => {
  try {
    const { status } = await fetch('/api/v1/health', { cache: 'no-store', credentials: 'omit' });
    return !isFromProxy(status);
  } catch {
    return false;
  }
});

/** Since when the control plane does not answer, wall time; null while it does. */
export function useLostAt(): number | null {
  return useSyncExternalStore(connection.subscribe, connection.lostAtMs);
}
