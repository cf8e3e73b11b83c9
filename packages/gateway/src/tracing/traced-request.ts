import type { ConnectionFacts, Headers, HttpVersion } from '@gatescope/http1';
import type { Consumer, Route, Service } from '../config/entities.ts';
import type { SpanSink } from '../pipeline/plugin.ts';

/** The points at which a rule is asked, in order. */
export const STAGE = { connection: 0, request: 1, route: 2, consumer: 3, response: 4, end: 5 } as const;

/** What the tracer reads of a request, at any stage; what is not known yet is null. Times are performance.now() milliseconds. */
export interface TracedRequest {
  readonly requestId: string;
  readonly connection: ConnectionFacts;
  /** 1 for the first request of its connection. */
  readonly ordinal: number;
  /** Root start: first byte of the handshake (first request on a TLS connection) or of the request. */
  readonly startMs: number;
  /** First byte of the request. */
  readonly firstByteMs: number;
  /** The kernel has the last byte of the response, or the client was lost. */
  readonly endMs: number;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Path as received, without the query. */
  readonly rawPath: string;
  readonly query: string;
  readonly requestHeaders: Headers;
  readonly version: HttpVersion;
  readonly protocolName: 'http' | 'ws' | 'grpc';
  /** Of the close frame that ended a WebSocket connection, the first of both sides'; null: none came. */
  readonly closeCode: number | null;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly route: Route | null;
  readonly service: Service | null;
  readonly consumer: Consumer | null;
  readonly upstreamId: string | null;
  readonly upstreamStatus: number | null;
  /** Status sent; 499 where the client left before. */
  readonly status: number | null;
  readonly responseHeaders: Headers | null;
  readonly requestHeadBytes: number;
  readonly requestBodyBytes: number;
  readonly responseHeadBytes: number;
  readonly responseBodyBytes: number;
  /** Why the request failed, in words; null: it did not. */
  readonly failure: string | null;
  /** Where its spans go whether a session is armed or not: before the route is known the global one; null: nowhere. */
  readonly spanSink: SpanSink | null;
}
