import { metricLines, PROMETHEUS_TYPE } from '@gatescope/base';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';

/** Health, readiness, metrics. */
export function healthRoutes(app: FastifyInstance, { readiness, version }: ApiContext): void {
  app.get('/health', async () => ({ status: 'ok', version }));
  app.get('/ready', async (_, reply) => {
    const missing = await readiness();
    return await reply
      .code(missing === null ? 200 : 503)
      .send({ status: missing === null ? 'ready' : 'starting', missing });
  });
}

export function metricsRoute(
  app: FastifyInstance,
  { nodes, ingest, net, hub, sessions, arming, refusedNodes }: ApiContext,
): void {
  app.get('/metrics', async (_, reply) => {
    const states = await sessions.countByState();
    const memory = process.memoryUsage();
    const lines = [
      ...metricLines('gatescope_nodes_connected', 'gauge', 'Data-plane nodes connected', [
        ['', nodes.connected],
      ]),
      ...metricLines(
        'gatescope_sessions',
        'gauge',
        'Tracing sessions kept, by state',
        states.map(({ state, count }) => [`{state="${state}"}`, count]),
      ),
      ...metricLines('gatescope_traces_stored_total', 'counter', 'Traces stored since the start', [
        ['', ingest.stored],
      ]),
      ...metricLines(
        'gatescope_traces_refused_total',
        'counter',
        'Traces received and not stored: duplicates, beyond a limit, of no session',
        [['', ingest.refused]],
      ),
      ...metricLines(
        'gatescope_sanitizer_leaks_total',
        'counter',
        'Values of nodes in which a secret was found that they should have masked, and was masked here',
        [['', net.found]],
      ),
      ...metricLines(
        'gatescope_sanitizer_unchecked_characters_total',
        'counter',
        'Characters of nodes that were not looked through a second time, for their number',
        [['', net.unchecked]],
      ),
      ...metricLines(
        'gatescope_nodes_refused_total',
        'counter',
        'Connections of nodes that were refused since the start, most often for their certificate',
        [['', refusedNodes()]],
      ),
      '# HELP gatescope_session_arming_seconds From the moment a node is to arm a session to its word that it has',
      '# TYPE gatescope_session_arming_seconds histogram',
      ...arming.lines('gatescope_session_arming_seconds'),
      ...metricLines('gatescope_event_listeners', 'gauge', 'Open event streams', [['', hub.listeners]]),
      ...metricLines('process_resident_memory_bytes', 'gauge', 'Resident memory', [['', memory.rss]]),
      ...metricLines('process_cpu_seconds_total', 'counter', 'CPU time used', [
        ['', (process.cpuUsage().user + process.cpuUsage().system) / 1e6],
      ]),
    ];
    return await reply.type(PROMETHEUS_TYPE).send(`${lines.join('\n')}\n`);
  });
}
