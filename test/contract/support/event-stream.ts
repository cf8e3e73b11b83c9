import { until } from '../../support/until.ts';
import type { TestControlPlane } from './control-plane.ts';
import { ADMIN_TOKEN, SESSIONS } from './control-plane.ts';

export interface ReceivedEvent {
  readonly id: number | null;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: the resource is what the event says it is.
  readonly data: any;
}

/** A listener to a session's events. */
export class EventStream {
  readonly status: number;
  readonly headers: Headers;
  /** What came so far. */
  readonly events: ReceivedEvent[] = [];
  /** Null while it is open; how it ended afterwards. */
  ended: 'closed' | 'broken' | null = null;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response.body!);
  }

  /** Listens to a session, from after the event `last` on. */
  static async open(
    controlPlane: TestControlPlane,
    session: string,
    last?: number | string,
  ): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(`${controlPlane.url}/api/v1${SESSIONS}/${session}/events`, {
      signal: abort.signal,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(last === undefined ? {} : { 'last-event-id': String(last) }),
      },
    });
    return new EventStream(response, abort);
  }

  get ids(): number[] {
    return this.events.flatMap(({ id }) => (id === null ? [] : [id]));
  }

  of(event: string): ReceivedEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** Waits for the server to end it. */
  async end(): Promise<'closed' | 'broken'> {
    return await until('the stream to end', () => this.ended);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of body) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks.filter((one) => /^data:/m.test(one))) this.events.push(eventOf(block));
      }
      this.ended = 'closed';
    } catch {
      this.ended = 'broken';
    }
  }
}

function eventOf(block: string): ReceivedEvent {
  const fields = new Map(
    block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const id = fields.get('id');
  return {
    id: id === undefined ? null : Number(id),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data')!),
  };
}
