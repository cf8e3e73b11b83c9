import type { ServerResponse } from 'node:http';
import { AppError, messageOf } from '@gatescope/base';
import type { FastifyInstance } from 'fastify';
import type { ToldEvent } from '../events/event-hub.ts';
import type { EventKind } from '../events/event-log.ts';
import type { ControlPlaneRow } from '../store/control-plane-repository.ts';
import type { ApiContext } from './context.ts';

/** A comment is sent this often, so that nobody on the way thinks the connection dead. */
const HEARTBEAT_MS = 15_000;
/** Bytes kept for a listener that does not read; beyond it the stream is cut, and resumed by the listener. */
const BUFFERED_BYTES_MAX = 4 * 1_048_576;
/** How long a listener may take nothing of what it missed. */
const STALLED_MS = 10_000;
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
  readonly #queue: ToldEvent[] = [];
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
      this.#sentSeq = Math.min(last ?? row.event_seq, row.event_seq);
      this.#event(null, 'session', await this.#context.sessions.view(this.#controlPlane, this.#sessionId));
      if (last !== null) await this.#replay();
      if (row.state === 'ended') await this.#tellEnd();
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

  /** Tells what was missed, as fast as the listener reads. */
  async #replay(): Promise<void> {
    for (;;) {
      const events = await this.#context.events.after(this.#sessionId, this.#sentSeq, REPLAY_CHUNK);
      for (const event of events) {
        await this.#tell(event);
        await this.#taken();
      }
      if (events.length < REPLAY_CHUNK || this.#closed) return;
    }
  }

  /** Who comes when all is over is told so, also who was told before. */
  async #tellEnd(): Promise<void> {
    const end = await this.#context.events.end(this.#sessionId);
    if (end === undefined) return;
    this.#sentSeq = end.seq - 1;
    await this.#tell(end);
  }

  async #tell({ seq, kind, ref, session }: ToldEvent): Promise<void> {
    if (seq <= this.#sentSeq || this.#closed) return;
    this.#sentSeq = seq;
    const resource = session ?? (await this.#read(kind, ref));
    if (resource !== null) this.#event(seq, kind, resource);
    if (kind === 'end') this.#closed = true;
  }

  /** The resource as it is now; null where it is gone. */
  async #read(kind: EventKind, ref: string): Promise<object | null> {
    const { sessions, traces, nodes } = this.#context;
    try {
      if (kind === 'trace') return await traces.summary(this.#sessionId, ref);
      if (kind !== 'node') return await sessions.view(this.#controlPlane, this.#sessionId);
      const node = await nodes.find(ref);
      return node === undefined ? null : nodes.view(node);
    } catch (error) {
      if (AppError.from(error).code === 'not_found') return null;
      throw error;
    }
  }

  /** Waits for the listener to take what was written; one that takes nothing for a while is cut. */
  async #taken(): Promise<void> {
    if (!this.#response.writableNeedDrain || this.#closed) return;
    const response = this.#response;
    const timer = setTimeout(() => response.destroy(), STALLED_MS);
    await new Promise<void>((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
    clearTimeout(timer);
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
