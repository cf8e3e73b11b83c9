import type { ServerResponse } from 'node:http';
import { messageOf } from '@gatescope/base';
import type { FastifyInstance } from 'fastify';
import type { ControlPlaneRow } from '../control-planes.ts';
import { eventsAfter, type StoredEvent } from '../events/event-log.ts';
import type { ApiContext } from './context.ts';

/** A comment is sent this often, so that nobody on the way thinks the connection dead. */
const HEARTBEAT_MS = 15_000;
/** Bytes kept for a listener that does not read; beyond it the stream is cut, and resumed by the listener. */
const BUFFERED_BYTES_MAX = 4 * 1_048_576;
const REPLAY_CHUNK = 500;

/** What happens in a session as server-sent events (HTML Living Standard, 9.2), resumable by Last-Event-ID. */
export function eventRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get('/control-planes/:cp/sessions/:id/events', async (request, reply) => {
    const controlPlane = request.controlPlane!;
    const { id } = request.params as { id: string };
    await context.sessions.row(controlPlane.id, id);
    const told =
      request.headers['last-event-id'] ?? (request.query as { last_event_id?: string }).last_event_id;
    const last = typeof told === 'string' && /^\d{1,15}$/.test(told) ? Number(told) : null;
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    const stream = new EventStream(context, controlPlane, id, response);
    stream.run(last).catch((error: unknown) => {
      context.logger.log('warn', 'api', `a stream of events broke off: ${messageOf(error)}`);
      response.destroy();
    });
  });
}

class EventStream {
  readonly #context: ApiContext;
  readonly #controlPlane: ControlPlaneRow;
  readonly #sessionId: string;
  readonly #response: ServerResponse;
  readonly #queue: StoredEvent[] = [];
  #wake: (() => void) | null = null;
  #sentSeq = 0;
  #closed = false;

  constructor(
    context: ApiContext,
    controlPlane: ControlPlaneRow,
    sessionId: string,
    response: ServerResponse,
  ) {
    this.#context = context;
    this.#controlPlane = controlPlane;
    this.#sessionId = sessionId;
    this.#response = response;
  }

  async run(last: number | null): Promise<void> {
    const stop = this.#context.hub.listen(this.#sessionId, (event) => {
      this.#queue.push(event);
      this.#wake?.();
    });
    const heartbeat = setInterval(() => this.#write(':\n\n'), HEARTBEAT_MS);
    this.#response.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
    try {
      // What is told from here on is newer than the snapshot, or told twice; never missed.
      const row = await this.#context.sessions.row(this.#controlPlane.id, this.#sessionId);
      this.#sentSeq = last ?? row.event_seq;
      this.#event(null, 'session', await this.#context.sessions.view(this.#controlPlane, this.#sessionId));
      if (last !== null) await this.#replay();
      else if (row.state === 'ended') {
        const [end] = (await eventsAfter(this.#context.db, this.#sessionId, 0, 100_000)).filter(
          (event) => event.kind === 'end',
        );
        if (end !== undefined) {
          this.#sentSeq = end.seq - 1;
          await this.#tell(end);
        }
      }
      while (!this.#closed) {
        const event = this.#queue.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = null;
        } else await this.#tell(event);
      }
    } finally {
      clearInterval(heartbeat);
      stop();
      this.#response.end();
    }
  }

  async #replay(): Promise<void> {
    for (;;) {
      const events = await eventsAfter(this.#context.db, this.#sessionId, this.#sentSeq, REPLAY_CHUNK);
      for (const event of events) await this.#tell(event);
      if (events.length < REPLAY_CHUNK || this.#closed) return;
    }
  }

  async #tell({ seq, kind, ref }: StoredEvent): Promise<void> {
    if (seq <= this.#sentSeq || this.#closed) return;
    this.#sentSeq = seq;
    const { sessions, traces, nodes } = this.#context;
    if (kind === 'trace') this.#event(seq, kind, await traces.summary(this.#sessionId, ref));
    else if (kind === 'node') {
      const node = await nodes.find(ref);
      if (node !== undefined) this.#event(seq, kind, nodes.view(node));
    } else this.#event(seq, kind, await sessions.view(this.#controlPlane, this.#sessionId));
    if (kind === 'end') this.#closed = true;
  }

  #event(seq: number | null, kind: string, data: unknown): void {
    this.#write(`${seq === null ? '' : `id: ${seq}\n`}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    if (this.#closed || this.#response.destroyed) return;
    this.#response.write(text);
    if (this.#response.writableLength > BUFFERED_BYTES_MAX) {
      this.#closed = true;
      this.#response.destroy();
    }
  }
}
