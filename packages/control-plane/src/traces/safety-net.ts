import type { CapturedMessage, SentPayload } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import type { AttributeValue, LogLine } from '@gatescope/trace';
import { Slices } from './slices.ts';
import type { TraceDetail } from './trace-detail.ts';

/** Characters of one request of a node that are looked through; nodes have redacted all of it before they sent it. */
export const CHECKED_CHARACTERS_MAX = 16 * 1_048_576;

/**
 * Looks once more through what nodes send before it is sealed: secrets that got past a node's sanitizer are masked, and counted, since each of
 * them is a fault. Works in slices, so that whatever else the process does goes on.
 */
export class SafetyNet {
  readonly #sanitizer = createSanitizer();
  /** Values in which something was found. */
  found = 0;
  /** Characters beyond {@link CHECKED_CHARACTERS_MAX}, which were kept as they came. */
  unchecked = 0;

  /** Begins on one request of a node. */
  begin(max = CHECKED_CHARACTERS_MAX): Check {
    return new Check(this, this.#sanitizer, max);
  }
}

/** What is looked through of one request. */
export class Check {
  readonly #net: SafetyNet;
  readonly #sanitizer: ReturnType<typeof createSanitizer>;
  readonly #slices = new Slices();
  #left: number;

  constructor(net: SafetyNet, sanitizer: ReturnType<typeof createSanitizer>, max: number) {
    this.#net = net;
    this.#sanitizer = sanitizer;
    this.#left = max;
  }

  async detail({ lines, payload }: TraceDetail): Promise<TraceDetail> {
    return {
      lines: await this.lines(lines),
      payload: payload === null ? null : await this.#payload(payload),
    };
  }

  async lines(lines: readonly LogLine[]): Promise<LogLine[]> {
    const checked: LogLine[] = [];
    for (const line of lines) {
      if (this.#slices.isOver) await this.#slices.next();
      const attributes = this.#value(line.attributes) as LogLine['attributes'];
      checked.push({ ...line, message: this.#text(line.message), attributes });
    }
    return checked;
  }

  async #payload(payload: SentPayload): Promise<SentPayload> {
    return {
      client_request: await this.#message(payload.client_request),
      upstream_request: await this.#message(payload.upstream_request),
      upstream_response: await this.#message(payload.upstream_response),
      client_response: await this.#message(payload.client_response),
      query: payload.query === null ? null : this.#text(payload.query),
    };
  }

  async #message(message: CapturedMessage | null): Promise<CapturedMessage | null> {
    if (message === null) return null;
    if (this.#slices.isOver) await this.#slices.next();
    const headers = message.headers.map(([name, value]): [string, string] => {
      if (!this.#takes(value.length)) return [name, value];
      return [name, this.#shown(value, this.#sanitizer.headers([[name, value]]).headers[0]![1])];
    });
    return { ...message, headers, body: this.#body(message.body) };
  }

  #body(body: CapturedMessage['body']): CapturedMessage['body'] {
    if (body === null) return null;
    if ('text' in body) return { ...body, text: this.#bytes(body.text, 'utf8', body.content_type) };
    return { ...body, base64: this.#bytes(body.base64, 'base64', body.content_type) };
  }

  #bytes(text: string, encoding: 'utf8' | 'base64', contentType: string | null): string {
    if (!this.#takes(text.length)) return text;
    const { bytes, redactions } = this.#sanitizer.body(Buffer.from(text, encoding), { contentType });
    return redactions.length === 0 ? text : this.#shown(text, Buffer.from(bytes).toString(encoding));
  }

  #value(value: AttributeValue): AttributeValue {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((one: AttributeValue) => this.#value(one));
    if (typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.#value(one as AttributeValue)]),
    );
  }

  #text(text: string): string {
    return this.#takes(text.length) ? this.#shown(text, this.#sanitizer.text(text).text) : text;
  }

  #takes(characters: number): boolean {
    if (characters > this.#left) {
      this.#net.unchecked += characters;
      return false;
    }
    this.#left -= characters;
    return true;
  }

  #shown(before: string, after: string): string {
    if (before !== after) this.#net.found++;
    return after;
  }
}
