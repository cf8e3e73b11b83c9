import type { Headers } from '@gatescope/http1';
import { BodyCapture } from './body-capture.ts';
import type { CaptureMemory } from './capture-memory.ts';

/** One message as it was on the wire: its header fields, and the beginning of its body. */
export interface CapturedMessage {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Null where there was none. */
  readonly body: BodyCapture | null;
  /** Not all of the body came by: nobody read it to its end. */
  readonly isUnread: boolean;
}

/** What is captured besides heads, at most over all sessions that may want the request. */
export interface CaptureScope {
  /** Bytes of each body; 0: no bodies. */
  readonly bodyBytesMax: number;
  readonly memory: CaptureMemory;
}

/**
 * What one request and its answer were, on both sides of the gateway. It copies what passes and never holds, changes or delays it. Whoever
 * holds it gives it back with {@link release}.
 */
export class PayloadCapture {
  readonly #scope: CaptureScope;
  #clientFields: Headers | null = null;
  #upstreamHead: string | null = null;
  #answerFields: Headers | null = null;
  #responseFields: string | null = null;
  #requestBody: BodyCapture | null = null;
  #isRequestRead = false;
  #answerBody: BodyCapture | null = null;
  #responseBody: BodyCapture | null = null;
  /** The client gets what the upstream sends, so that it need not be copied twice. */
  #isPassedOn = false;
  /** Sessions that still have to read it. */
  #readers = 1;

  constructor(scope: CaptureScope) {
    this.#scope = scope;
  }

  /** The request as it came, before a plugin changes it. */
  clientHead(headers: Headers): void {
    this.#clientFields = headers.clone();
  }

  /** A piece of the request's body, which passes unchanged. */
  requestData(chunk: Uint8Array): void {
    this.#requestBody = this.#add(this.#requestBody, chunk);
  }

  /** The request has come to its end. */
  requestEnd(): void {
    this.#isRequestRead = true;
  }

  /** The head that is sent to the upstream; a further try replaces it. */
  upstreamHead(head: string): void {
    this.#upstreamHead = head;
  }

  /** The upstream's answer as it came, before a plugin changes it. */
  answerHead(headers: Headers): void {
    this.#answerFields = headers.clone();
  }

  /** A piece of the upstream's answer. */
  answerData(chunk: Uint8Array): void {
    this.#answerBody = this.#add(this.#answerBody, chunk);
  }

  /** The field lines of the answer to the client; with `isPassedOn` its body is the upstream's as it is. */
  responseHead(fields: string, isPassedOn: boolean): void {
    this.#responseFields = fields;
    this.#isPassedOn = isPassedOn;
  }

  /** A piece of the answer to the client. */
  responseData(chunk: Uint8Array): void {
    if (!this.#isPassedOn) this.#responseBody = this.#add(this.#responseBody, chunk);
  }

  get clientRequest(): CapturedMessage | null {
    return this.#clientFields === null ? null : this.#request(pairsOf(this.#clientFields));
  }

  get upstreamRequest(): CapturedMessage | null {
    return this.#upstreamHead === null ? null : this.#request(fieldsOf(this.#upstreamHead, 1));
  }

  get upstreamResponse(): CapturedMessage | null {
    return this.#answerFields === null ? null : message(pairsOf(this.#answerFields), this.#answerBody);
  }

  get clientResponse(): CapturedMessage | null {
    const body = this.#isPassedOn ? this.#answerBody : this.#responseBody;
    return this.#responseFields === null ? null : message(fieldsOf(this.#responseFields, 0), body);
  }

  /** Whether bytes are missing for want of memory. */
  get isShort(): boolean {
    return [this.#requestBody, this.#answerBody, this.#responseBody].some((body) => body?.isShort === true);
  }

  /** So many hold it from now on: each of them releases it. */
  share(readers: number): void {
    this.#readers = readers;
  }

  release(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    this.#requestBody?.release();
    this.#answerBody?.release();
    this.#responseBody?.release();
  }

  #request(fields: CapturedMessage['fields']): CapturedMessage {
    const { bodyBytesMax, memory } = this.#scope;
    const isUnread = !this.#isRequestRead && announcesBody(fields);
    if (!isUnread || bodyBytesMax === 0) return message(fields, this.#requestBody);
    return { fields, body: this.#requestBody ?? new BodyCapture(memory, bodyBytesMax), isUnread };
  }

  #add(body: BodyCapture | null, chunk: Uint8Array): BodyCapture | null {
    const { bodyBytesMax, memory } = this.#scope;
    if (bodyBytesMax === 0) return null;
    const capture = body ?? new BodyCapture(memory, bodyBytesMax);
    capture.add(chunk);
    return capture;
  }
}

function message(fields: CapturedMessage['fields'], body: BodyCapture | null): CapturedMessage {
  return { fields, body: body === null || body.size === 0 ? null : body, isUnread: false };
}

/** Whether a request says that it has a body (RFC 9112, 6.3). */
function announcesBody(fields: CapturedMessage['fields']): boolean {
  return fields.some(([name, value]) => {
    const lower = name.toLowerCase();
    return lower === 'transfer-encoding' || (lower === 'content-length' && Number(value) > 0);
  });
}

function pairsOf({ names, values }: Headers): [string, string][] {
  return names.map((name, index) => [name, values[index]!]);
}

/** The field lines of a head's text, without the first `skip` lines. */
function fieldsOf(text: string, skip: number): [string, string][] {
  return text
    .split('\r\n')
    .slice(skip)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
