import { setTimeout as delay } from 'node:timers/promises';
import { STENCIL_CODING } from '@gatescope/trace';
import { Agent, request } from 'undici';

/** Where telemetry goes; the primary hands it to the workers whenever the control plane says hello. */
export interface TelemetryTarget {
  /** `https://host:port` of the cluster listener. */
  readonly url: string;
  readonly token: string;
  readonly serverName: string;
  /** Whether it takes bodies in the stencil coding. */
  readonly takesStencils: boolean;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A body that can be sent in the stencil coding, too. */
export interface CodedBody {
  coded(): Uint8Array;
  decoded(): Uint8Array;
}

/** What became of a body; refused ones are not tried again. */
export type SendOutcome = { readonly kind: 'taken' | 'lost' } | { readonly kind: 'refused'; status: number };

/** How long a body is tried again; what the queue does not hold meanwhile is dropped at its other end. */
const KEEP_TRYING_MS = 120_000;
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 5_000;
const TIMEOUT_MS = 10_000;

/** Sends bodies to one path of the control plane, one at a time over one connection, and tries again what could not be sent. */
export class TelemetrySender {
  readonly #path: string;
  readonly #keepTryingMs: number;
  #target: TelemetryTarget | null = null;
  #agent: Agent | null = null;
  /** Cuts the pause before the next try short. */
  #tryNow: (() => void) | null = null;

  constructor(path: string, keepTryingMs = KEEP_TRYING_MS) {
    this.#path = path;
    this.#keepTryingMs = keepTryingMs;
  }

  /** Whether it is known where to send. */
  get hasTarget(): boolean {
    return this.#target !== null;
  }

  /** Sets where everything goes from now on; what is being tried is tried there at once. */
  setTarget(target: TelemetryTarget): void {
    const previous = this.#agent;
    this.#target = target;
    const { cert, key, ca, serverName } = target;
    this.#agent = new Agent({
      connections: 1,
      pipelining: 1,
      connect: { cert, key, ca, servername: serverName, timeout: TIMEOUT_MS },
    });
    void previous?.destroy();
    this.#tryNow?.();
  }

  /** Resolves once the body was taken, refused, or tried for long enough; needs a target. `onTrouble` is told why the first try failed. */
  async send(body: Uint8Array | CodedBody, onTrouble?: (error: unknown) => void): Promise<SendOutcome> {
    const firstMs = performance.now();
    for (let attempt = 0; attempt === 0 || performance.now() - firstMs < this.#keepTryingMs; attempt++) {
      try {
        const status = await this.#try(body);
        if (status === 200) return { kind: 'taken' };
        if (status < 500 && status !== 429 && status !== 401) return { kind: 'refused', status };
      } catch (error) {
        if (attempt === 0) onTrouble?.(error);
      }
      const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** attempt);
      await this.#pause(backoff / 2 + Math.random() * (backoff / 2));
    }
    return { kind: 'lost' };
  }

  /** Closes the connection; what is being sent fails. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #try(body: Uint8Array | CodedBody): Promise<number> {
    const { url, token, takesStencils } = this.#target!;
    const isPlain = body instanceof Uint8Array;
    const coding = !isPlain && takesStencils ? { 'content-encoding': STENCIL_CODING } : {};
    const response = await request(url + this.#path, {
      method: 'POST',
      dispatcher: this.#agent!,
      headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${token}`, ...coding },
      body: isPlain ? body : takesStencils ? body.coded() : body.decoded(),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    await response.body.dump();
    return response.statusCode;
  }

  async #pause(ms: number): Promise<void> {
    await Promise.race([
      delay(ms, undefined, { ref: false }),
      new Promise<void>((resolve) => (this.#tryNow = resolve)),
    ]);
    this.#tryNow = null;
  }
}
