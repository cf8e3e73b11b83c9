/** What a worker tells of itself. */
export interface WorkerNumbers {
  /** Requests that are over, by the first digit of their status; 0: the client got none. */
  readonly requests: readonly number[];
  /** Open connections of clients. */
  readonly connections: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** Counts a worker's requests. */
export class RequestNumbers {
  readonly #requests = [0, 0, 0, 0, 0, 0];

  /** A request is over. */
  note(status: number | null): void {
    // Statuses above 599 are nobody's class; https://www.rfc-editor.org/rfc/rfc9110#section-15 has five.
    this.#requests[status === null ? 0 : Math.min(5, Math.floor(status / 100))]!++;
  }

  now(connections: number): WorkerNumbers {
    const { user, system } = process.cpuUsage();
    return {
      requests: [...this.#requests],
      connections,
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    };
  }
}
