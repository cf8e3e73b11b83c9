/** One server-sent event. */
export interface ServerEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Longest event that is read, in characters. */
const EVENT_MAX = 4 * 1_048_576;

/** Cuts the bytes of an event stream (HTML Living Standard, 9.2.6) into events, wherever they were split on their way. */
export class ServerEventReader {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The events that are complete with these bytes. Throws for an event longer than 4 MiB. */
  read(bytes: Uint8Array): ServerEvent[] {
    const blocks = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n\n');
    this.#rest = blocks.pop()!;
    if (this.#rest.length > EVENT_MAX) throw new Error('the stream of events holds one that is too long');
    return blocks.map(eventOf).filter((event) => event.data !== '');
  }
}

function eventOf(block: string): ServerEvent {
  let id: string | null = null;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
    if (field === 'id') id = value!;
    else if (field === 'event') event = value!;
    else if (field === 'data') data.push(value!);
  }
  return { id, event, data: data.join('\n') };
}
