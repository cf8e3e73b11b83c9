import type { LogLevel } from '@gatescope/base';
import type { Headers } from '@gatescope/http1';
import type { Consumer, Route, Service } from '../config/entities.ts';

export type { Consumer };

/** By what the caller was authenticated: of key-auth the entity's id, of openid-connect what a claim says. */
export interface Credential {
  readonly id: string;
}

/** The request, as it came and as it will be sent on. */
export interface ExchangeRequest {
  /** Method as received. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host as received, with its port if it had one. */
  readonly host: string;
  /** Path as received, without the query. */
  readonly path: string;
  /** Query as received, without `?`; empty where there is none. */
  readonly query: string;
  /** Fields as received; changes are what the upstream gets. */
  readonly headers: Headers;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The client's certificate and those it sent along (DER), its own first; empty where it sent none. Nobody has verified them. */
  readonly clientCertificates: readonly Buffer[];
}

/** What the upstream will be asked; plugins may change it until the access phase ends. */
export interface UpstreamRequest {
  method: string;
  /** Path, escaped, without the query. */
  path: string;
  /** Query without `?`. */
  query: string;
  /** Null: as the route says. */
  host: string | null;
}

/** The response, from the moment its head is known. */
export interface ExchangeResponse {
  status: number;
  readonly headers: Headers;
  /** Whether the gateway or a plugin answered, not the upstream. */
  readonly isOwn: boolean;
  /** The whole body, in the response phase alone; what is put here is sent instead. */
  body: Buffer | null;
}

/** Where a plugin writes lines in its own name. */
export interface PluginLog {
  /** Writes a line to the request's log. Values of attributes are kept within bounds, whatever they are. */
  log(level: LogLevel, message: string, attributes?: Readonly<Record<string, unknown>>): void;
  /** Writes a line of level debug; null while nobody reads such lines, so that they need not be made: `exchange.debug?.(…)`. */
  readonly debug: ((message: string, attributes?: Readonly<Record<string, unknown>>) => void) | null;
}

/** What became of a request, and how long it took; times are milliseconds, `startedAtMs` since the epoch. */
export interface ExchangeOutcome {
  readonly startedAtMs: number;
  readonly totalMs: number;
  /** From the request's sending to the head of the answer; null: no upstream answered. */
  readonly upstreamMs: number | null;
  /** From there to the answer's last byte. */
  readonly receiveMs: number | null;
  /** Status sent; 499 where the client left before. */
  readonly status: number | null;
  readonly upstreamStatus: number | null;
  readonly responseHeaders: Headers | null;
  /** With the head, bytes. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Who answered: the upstream, a plugin, or the gateway since something failed. */
  readonly source: 'upstream' | 'exit' | 'error';
  /** Whom the last try asked; null: nobody. */
  readonly target: { readonly address: string; readonly port: number } | null;
  readonly tls: { readonly protocol: string; readonly cipher: string } | null;
  readonly serverPort: number;
}

/** The trace that a request is recorded in. */
export interface TraceIdentity {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the root span, 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the spans go to the plugin's own server, and not to a session alone. */
  readonly isExported: boolean;
  /** Makes it part of a caller's trace, whose ids come as those here do. */
  join(traceId: string, parentSpanId: string): void;
}

/** One request and its answer, as plugins see it. {@link PluginLog.log} writes in the name of the plugin that runs. */
export interface Exchange extends PluginLog {
  /** 32 hexadecimal digits; X-Kong-Request-Id. */
  readonly requestId: string;
  readonly request: ExchangeRequest;
  readonly upstreamRequest: UpstreamRequest;
  /** Null before the response phase. */
  readonly response: ExchangeResponse | null;
  readonly route: Route | null;
  readonly service: Service | null;
  consumer: Consumer | null;
  credential: Credential | null;
  /** Values plugins leave for each other and for later phases. */
  readonly shared: Map<string, unknown>;
  /**
   * Ends the request with this answer: no further plugin of the phase runs and no upstream is asked. An object as body is sent as
   * JSON. In rewrite and access; in the response phase it replaces the response.
   */
  exit(status: number, body?: string | Buffer | object, headers?: Readonly<Record<string, string>>): void;
  /** Ends the request with an error in the type the client accepts: the message and the request's id. */
  fail(status: number, message: string, headers?: Readonly<Record<string, string>>): void;
  readonly hasExited: boolean;
  /** Null where the request is not recorded. */
  readonly trace: TraceIdentity | null;
  /** What became of the request, in the log phase alone. */
  outcome(): ExchangeOutcome;
  /** The log of the plugin that runs now, to be kept for when others do. */
  ownLog(): PluginLog;
}
