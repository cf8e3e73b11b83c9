import { describe, expect, it } from 'vitest';
import { type NodeFacts, NodeMetrics } from './node-metrics.ts';

const FACTS: NodeFacts = {
  version: '1.2.3',
  configHash: 'abc',
  workers: 2,
  workersReplaced: 1,
  isConnected: true,
  armedSessions: 0,
};
const numbers = (requests: number[], connections = 0) => ({
  requests,
  connections,
  residentBytes: 1_000,
  cpuSeconds: 0.5,
});

function values(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

describe('NodeMetrics', () => {
  it('adds up what the workers tell', () => {
    const text = new NodeMetrics().text(
      FACTS,
      new Map([
        [{}, numbers([1, 0, 10, 0, 2, 3], 4)],
        [{}, numbers([0, 0, 5, 1, 0, 0], 2)],
      ]),
    );
    expect(values(text)).toEqual({
      'gatescope_node_info{version="1.2.3",config_hash="abc"}': 1,
      'gatescope_http_requests_total{class="none"}': 1,
      'gatescope_http_requests_total{class="1xx"}': 0,
      'gatescope_http_requests_total{class="2xx"}': 15,
      'gatescope_http_requests_total{class="3xx"}': 1,
      'gatescope_http_requests_total{class="4xx"}': 2,
      'gatescope_http_requests_total{class="5xx"}': 3,
      gatescope_client_connections: 6,
      gatescope_workers: 2,
      gatescope_workers_replaced_total: 1,
      gatescope_control_plane_connected: 1,
      gatescope_sessions_armed: 0,
      gatescope_worker_resident_memory_bytes: 2_000,
      gatescope_worker_cpu_seconds_total: 1,
    });
  });

  it('keeps what an ended worker had counted, so that totals never fall', () => {
    const metrics = new NodeMetrics();
    const [first, second] = [{}, {}];
    metrics.text(FACTS, new Map([[first, numbers([0, 0, 7, 0, 0, 0])]]));
    metrics.forget(first);
    const text = metrics.text(FACTS, new Map([[second, numbers([0, 0, 2, 0, 0, 0])]]));
    expect(values(text)['gatescope_http_requests_total{class="2xx"}']).toBe(9);
    // One that hangs is not counted twice when it answers again.
    metrics.text(FACTS, new Map());
    const later = metrics.text(FACTS, new Map([[second, numbers([0, 0, 3, 0, 0, 0])]]));
    expect(values(later)['gatescope_http_requests_total{class="2xx"}']).toBe(10);
  });

  it('says nothing of a control plane to a node without one', () => {
    expect(new NodeMetrics().text({ ...FACTS, isConnected: null }, new Map())).not.toContain('control_plane');
  });
});
