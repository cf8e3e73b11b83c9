import { metricLines } from '@gatescope/base';
import type { WorkerNumbers } from '../proxy/request-numbers.ts';

/** What the primary knows of its node. */
export interface NodeFacts {
  readonly version: string;
  readonly configHash: string | null;
  readonly workers: number;
  readonly workersReplaced: number;
  /** Null: the node has no control plane. */
  readonly isConnected: boolean | null;
  readonly armedSessions: number;
}

const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'];

/**
 * A node's metrics for Prometheus. Requests of a worker that ended are counted as far as they had been asked for, so that a total never
 * gets smaller while the node runs.
 */
export class NodeMetrics {
  readonly #requests = [0, 0, 0, 0, 0, 0];
  /** What each worker had counted when it was last asked. */
  readonly #last = new Map<object, readonly number[]>();

  /** `numbers` is what the workers that answered tell, by worker; one that is left out since did not answer, or is gone. */
  text(facts: NodeFacts, numbers: ReadonlyMap<object, WorkerNumbers>): string {
    for (const [worker, { requests }] of numbers) {
      const last = this.#last.get(worker);
      requests.forEach((count, index) => {
        this.#requests[index]! += count - (last?.[index] ?? 0);
      });
      this.#last.set(worker, requests);
    }
    const sum = (of: (one: WorkerNumbers) => number) =>
      [...numbers.values()].reduce((total, one) => total + of(one), 0);
    const isConnected = facts.isConnected === null ? [] : [['', Number(facts.isConnected)] as const];
    return `${[
      ...metricLines('gatescope_node_info', 'gauge', 'Version and configuration of the node', [
        [`{version="${facts.version}",config_hash="${facts.configHash ?? ''}"}`, 1],
      ]),
      ...metricLines(
        'gatescope_http_requests_total',
        'counter',
        'Requests that are over, by class of their status; none: the client was gone before',
        this.#requests.map((count, index) => [`{class="${CLASSES[index]}"}`, count]),
      ),
      ...metricLines('gatescope_client_connections', 'gauge', 'Open connections of clients', [
        ['', sum(({ connections }) => connections)],
      ]),
      ...metricLines('gatescope_workers', 'gauge', 'Worker processes', [['', facts.workers]]),
      ...metricLines('gatescope_workers_replaced_total', 'counter', 'Workers that ended and were replaced', [
        ['', facts.workersReplaced],
      ]),
      ...(isConnected.length === 0
        ? []
        : metricLines(
            'gatescope_control_plane_connected',
            'gauge',
            'Whether the node is connected to its control plane',
            isConnected,
          )),
      ...metricLines('gatescope_sessions_armed', 'gauge', 'Tracing sessions armed on the node', [
        ['', facts.armedSessions],
      ]),
      ...metricLines('gatescope_worker_resident_memory_bytes', 'gauge', 'Resident memory of all workers', [
        ['', sum(({ residentBytes }) => residentBytes)],
      ]),
      ...metricLines('gatescope_worker_cpu_seconds_total', 'counter', 'CPU time of the workers that run', [
        ['', sum(({ cpuSeconds }) => cpuSeconds)],
      ]),
    ].join('\n')}\n`;
  }

  /** A worker is gone. */
  forget(worker: object): void {
    this.#last.delete(worker);
  }
}
