import { createRequire } from 'node:module';
import { textOf } from './bytes-text.ts';

/** Exports of llhttp's WebAssembly build that the engine calls. Pointers are offsets into the module's memory. */
interface LlhttpExports {
  readonly memory: WebAssembly.Memory;
  llhttp_alloc(type: number): number;
  llhttp_reset(parser: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  malloc(bytes: number): number;
  free(pointer: number): void;
}

/** llhttp's parser types. */
export const REQUEST = 1;
export const RESPONSE = 2;
export type MessageType = typeof REQUEST | typeof RESPONSE;

/** Bytes of a body handed to llhttp in one call, at most. A head is handed over whole. */
const EXECUTE_BYTES_MAX = 65_536;
/** So many bytes behind what is parsed are copied with it: a view without them costs more. */
const BEHIND_BYTES_MAX = 4_096;
const { set } = Uint8Array.prototype;

const OK = 0;
const PAUSED = 21;
const PAUSED_UPGRADE = 22;

/** Receives the payload of a chunked body. The chunk is a view that is valid during the call alone. */
export interface ChunkedSink {
  onPayload(chunk: Buffer): void;
}

/** Field lines behind a chunked body, gathered piece by piece: a line may come in several reads. */
export class Trailers {
  readonly names: string[] = [];
  readonly values: string[] = [];
  /** Bytes of the names and values. */
  bytes = 0;
  #isNameComplete = true;

  /** A piece of a name, or a name. */
  name(text: string): void {
    this.bytes += text.length;
    if (this.#isNameComplete) {
      this.names.push(text);
      this.values.push('');
      this.#isNameComplete = false;
    } else this.names[this.names.length - 1] += text;
  }

  /** A piece of the value of the last name, or its value. Called for an empty one too. */
  value(text: string): void {
    this.bytes += text.length;
    this.#isNameComplete = true;
    this.values[this.values.length - 1] += text;
  }
}

/** Header spans of the message parsed last: [nameStart, nameEnd, valueStart, valueEnd] each, relative to the bytes given. */
export class HeadSpans {
  readonly offsets: Int32Array;
  readonly countMax: number;
  count = 0;
  overflow = false;
  urlStart = -1;
  urlEnd = -1;
  complete = false;

  constructor(countMax: number) {
    this.countMax = countMax;
    this.offsets = new Int32Array(countMax * 4);
  }

  clear(): void {
    this.count = 0;
    this.overflow = false;
    this.urlStart = -1;
    this.urlEnd = -1;
    this.complete = false;
  }
}

const SPANS_MAX = 2_048;
const headSpans = new HeadSpans(SPANS_MAX);
/** The trailers of the chunked body being parsed, null while a head is. */
let trailers: Trailers | null = null;
let input: Buffer = Buffer.alloc(0);
let sink: ChunkedSink | null = null;
let payloadBytes = 0;

const llhttp = instantiate();
let inputCapacity = EXECUTE_BYTES_MAX;
let inputPointer = llhttp.malloc(inputCapacity);
let memory = new Uint8Array(llhttp.memory.buffer);
const freeParsers: Record<MessageType, number[]> = { [REQUEST]: [], [RESPONSE]: [] };

/** Why llhttp refused the bytes, in its own words. */
export interface LlhttpError {
  readonly reason: string;
  readonly code: number;
}

/** What a call of {@link HttpParser.executeChunked} did. */
export interface ChunkedProgress {
  error: LlhttpError | null;
  /** Bytes of the input that belong to this message. */
  consumed: number;
  complete: boolean;
  /** Payload bytes among the consumed ones; the rest is framing. */
  payloadBytes: number;
}

/**
 * A parser lent from a pool for one message. The head is given in one piece, so most messages need it for a single call; a
 * message with a chunked body keeps it to its end. Not reentrant: one call at a time in the process, which llhttp's synchronous
 * callbacks make sure of.
 */
export class HttpParser {
  readonly #type: MessageType;
  readonly #pointer: number;
  #trailers: Trailers | null = null;

  private constructor(type: MessageType, pointer: number) {
    this.#type = type;
    this.#pointer = pointer;
  }

  /** Takes a parser from the pool. */
  static take(type: MessageType): HttpParser {
    const pointer = freeParsers[type].pop() ?? llhttp.llhttp_alloc(type);
    return new HttpParser(type, pointer);
  }

  /** Parses a whole head, ending in an empty line. The spans are valid until the next call of any parser. */
  executeHead(head: Buffer, from: number, to: number): LlhttpError | null {
    headSpans.clear();
    trailers = null;
    const code = this.#execute(head, from, to);
    return code === OK || code === PAUSED || code === PAUSED_UPGRADE ? null : this.#error(code);
  }

  /** Parses on in a chunked body, from `from`; `into` gets the payload. */
  executeChunked(bytes: Buffer, from: number, into: ChunkedSink): ChunkedProgress {
    trailers = this.#trailers ??= new Trailers();
    isMessageComplete = false;
    sink = into;
    input = bytes;
    payloadBytes = 0;
    const progress: ChunkedProgress = { error: null, consumed: 0, complete: false, payloadBytes: 0 };
    try {
      while (from < bytes.length && !progress.complete) {
        const to = Math.min(bytes.length, from + EXECUTE_BYTES_MAX);
        inputBase = from;
        const code = this.#execute(bytes, from, to);
        if (code === OK) {
          progress.consumed += to - from;
          from = to;
        } else if (code === PAUSED && isMessageComplete) {
          progress.consumed += llhttp.llhttp_get_error_pos(this.#pointer) - inputPointer;
          progress.complete = true;
        } else {
          progress.error = this.#error(code);
          break;
        }
      }
    } finally {
      sink = null;
      progress.payloadBytes = payloadBytes;
    }
    return progress;
  }

  /** The trailers that came so far, null before any byte of a chunked body. */
  get trailers(): Trailers | null {
    return this.#trailers;
  }

  /** Gives the parser back; it must not be used afterwards. */
  release(): void {
    llhttp.llhttp_reset(this.#pointer);
    freeParsers[this.#type].push(this.#pointer);
  }

  #execute(bytes: Buffer, from: number, to: number): number {
    if (to - from > inputCapacity) growInput(to - from);
    // A view of memory that has grown since is empty.
    if (memory.length === 0) memory = new Uint8Array(llhttp.memory.buffer);
    const isAll = from === 0 && bytes.length <= Math.min(inputCapacity, to + BEHIND_BYTES_MAX);
    set.call(memory, isAll ? bytes : bytes.subarray(from, to), inputPointer);
    return llhttp.llhttp_execute(this.#pointer, inputPointer, to - from);
  }

  #error(code: number): LlhttpError {
    const at = llhttp.llhttp_get_error_reason(this.#pointer);
    const bytes = new Uint8Array(llhttp.memory.buffer);
    const end = at === 0 ? 0 : bytes.indexOf(0, at);
    return {
      code,
      reason: at === 0 ? `llhttp error ${code}` : Buffer.from(bytes.subarray(at, end)).toString('latin1'),
    };
  }
}

let inputBase = 0;
let isMessageComplete = false;

/** Makes room for a head that the limits allow to be larger than what was put aside. No parser keeps a pointer between two calls. */
function growInput(bytes: number): void {
  llhttp.free(inputPointer);
  inputCapacity = bytes;
  inputPointer = llhttp.malloc(inputCapacity);
  if (inputPointer === 0) throw new Error(`no memory for a head of ${bytes} bytes`);
}

/** The spans that {@link HttpParser.executeHead} found last. */
export function lastHeadSpans(): HeadSpans {
  return headSpans;
}

/** The bytes of llhttp's WebAssembly module, as the pinned package ships them. */
export function llhttpModuleBytes(): Buffer {
  return createRequire(import.meta.url)('undici/lib/llhttp/llhttp_simd-wasm.js') as Buffer;
}

function instantiate(): LlhttpExports {
  const module = new WebAssembly.Module(new Uint8Array(llhttpModuleBytes()));
  const instance = new WebAssembly.Instance(module, {
    env: {
      wasm_on_message_begin: () => 0,
      wasm_on_url: (_parser: number, at: number, length: number) => {
        const start = at - inputPointer;
        if (headSpans.urlStart < 0) headSpans.urlStart = start;
        headSpans.urlEnd = start + length;
        return 0;
      },
      wasm_on_status: () => 0,
      wasm_on_header_field: (_parser: number, at: number, length: number) => {
        const start = at - inputPointer;
        if (trailers !== null) {
          trailers.name(textOf(input, inputBase + start, inputBase + start + length));
          return 0;
        }
        if (headSpans.count === headSpans.countMax) {
          headSpans.overflow = true;
          return 0;
        }
        const slot = headSpans.count++ * 4;
        headSpans.offsets[slot] = start;
        headSpans.offsets[slot + 1] = start + length;
        headSpans.offsets[slot + 2] = -1;
        return 0;
      },
      wasm_on_header_value: (_parser: number, at: number, length: number) => {
        const start = at - inputPointer;
        if (trailers !== null) {
          trailers.value(textOf(input, inputBase + start, inputBase + start + length));
          return 0;
        }
        const slot = (headSpans.count - 1) * 4;
        if (slot < 0 || headSpans.overflow) return 0;
        if (headSpans.offsets[slot + 2] === -1) headSpans.offsets[slot + 2] = start;
        headSpans.offsets[slot + 3] = start + length;
        return 0;
      },
      wasm_on_headers_complete: () => {
        headSpans.complete = true;
        return 0;
      },
      wasm_on_body: (_parser: number, at: number, length: number) => {
        payloadBytes += length;
        const start = at - inputPointer + inputBase;
        sink?.onPayload(input.subarray(start, start + length));
        return 0;
      },
      wasm_on_message_complete: () => {
        isMessageComplete = true;
        return PAUSED;
      },
    },
  });
  return instance.exports as unknown as LlhttpExports;
}
