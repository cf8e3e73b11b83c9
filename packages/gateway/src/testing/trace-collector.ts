import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DesiredSession, SentPayload, SessionCounts } from '@gatescope/protocol';
import {
  type AttributeValue,
  decodeStencils,
  type LogLine,
  readExportLogsServiceRequest,
  readExportTraceServiceRequest,
  readScopeLogs,
  readScopeSpans,
  type Span,
  STENCIL_CODING,
} from '@gatescope/trace';
import { onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import type { TestGateway } from './test-gateway.ts';

/** A trace as it came over the wire. */
export interface CollectedTrace {
  readonly resource: Readonly<Record<string, AttributeValue>>;
  /** Ids of the sessions it is for. */
  readonly sessions: readonly string[];
  readonly traceId: string;
  readonly spans: readonly Span[];
  /** The ScopeSpans message. */
  readonly bytes: Uint8Array;
  readonly lines: readonly LogLine[];
  readonly payload: SentPayload | null;
}

/** Lines of no request that came together. */
export interface CollectedChunk {
  readonly sessions: readonly string[];
  readonly lines: readonly LogLine[];
}

/** The control plane's telemetry endpoint: takes traces and keeps them. */
export class TraceCollector {
  readonly traces: CollectedTrace[] = [];
  readonly chunks: CollectedChunk[] = [];
  /** The sessions that {@link traced} armed. */
  sessionsArmed: readonly DesiredSession[] = [];
  readonly #server: Server;
  /** Status of the next answers; a number alone, or one per request while they last. */
  statuses: number[] = [];
  requests = 0;
  /** Whether it takes traces in the stencil coding, to be set before it is attached. */
  takesStencils = true;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Closed when the test is over. */
  static async start(): Promise<TraceCollector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const collector = new TraceCollector(server);
    server.on('request', (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (chunk: Buffer) => pieces.push(chunk));
      request.on('end', () => {
        collector.requests++;
        const status = collector.statuses.shift() ?? 200;
        const sent = Buffer.concat(pieces);
        const isCoded = request.headers['content-encoding'] === STENCIL_CODING;
        const body = isCoded ? decodeStencils(sent, 64 * 1_048_576) : sent;
        if (status === 200 && request.url === '/v1/logs') collector.#takeLogs(body);
        else if (status === 200) collector.#take(body);
        response.writeHead(status).end();
      });
    });
    onTestFinished(() => collector.close());
    return collector;
  }

  /** Makes it the target of a gateway's traces. */
  attach(gateway: TestGateway): void {
    const { port } = this.#server.address() as AddressInfo;
    gateway.worker.setTelemetryTarget({
      url: `http://127.0.0.1:${port}`,
      token: 'node-token',
      serverName: 'control-plane.test',
      takesStencils: this.takesStencils,
      cert: '',
      key: '',
      ca: '',
    });
  }

  /** Resolves with the traces once there are so many. */
  async until(count: number): Promise<readonly CollectedTrace[]> {
    await until(`${count} traces`, () => this.traces.length >= count);
    return this.traces;
  }

  /** Resolves with the lines of no request once there are so many. */
  async untilLines(count: number): Promise<readonly LogLine[]> {
    const lines = () => this.chunks.flatMap((chunk) => chunk.lines);
    await until(`${count} lines`, () => lines().length >= count);
    return lines();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #takeLogs(body: Uint8Array): void {
    for (const { scopeAttributes, lines } of readExportLogsServiceRequest(body)) {
      const sessions = scopeAttributes['gatescope.session.ids'] as readonly string[];
      this.chunks.push({ sessions, lines });
    }
  }

  #take(body: Uint8Array): void {
    for (const { resource, scopes } of readExportTraceServiceRequest(body)) {
      for (const { scopeAttributes, bytes, logs, payload } of scopes) {
        const sessions = scopeAttributes['gatescope.session.ids'] as readonly string[];
        this.traces.push({
          resource,
          sessions,
          bytes,
          ...readScopeSpans(bytes),
          lines: logs === null ? [] : readScopeLogs(logs).lines,
          payload: payload === null ? null : (JSON.parse(Buffer.from(payload).toString()) as SentPayload),
        });
      }
    }
  }
}

/** A session that wants every request, but for what a test says. */
export function session(fields: Partial<DesiredSession> = {}): DesiredSession {
  return {
    id: 'session-1',
    service_id: null,
    route_id: null,
    rule: null,
    rate: 1,
    remaining_ms: 600_000,
    remaining_traces: 10_000,
    capture: { logs: false, headers: false, bodies: false, body_bytes_max: 65_536, redact: [] },
    ...fields,
  };
}

/** Arms sessions on a gateway whose traces go to a collector of its own. */
export async function traced(
  gateway: TestGateway,
  ...sessions: readonly Partial<DesiredSession>[]
): Promise<TraceCollector> {
  const collector = await TraceCollector.start();
  collector.attach(gateway);
  const wanted = sessions.length === 0 ? [session()] : sessions.map(session);
  collector.sessionsArmed = wanted;
  const states = gateway.worker.syncSessions(wanted);
  const refused = states.filter(({ state }) => state !== 'armed');
  if (refused.length > 0) throw new Error(`not armed: ${JSON.stringify(refused)}`);
  return collector;
}

/** The counts of a session of this id. */
export function countsOf(gateway: TestGateway, id = 'session-1'): SessionCounts {
  const found = gateway.worker.counts().find((one) => one.id === id);
  if (found === undefined) throw new Error(`no session ${id}`);
  return structuredClone(found.counts);
}
