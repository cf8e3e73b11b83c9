import type { ConnectionFacts, Headers, HttpVersion, ServerExchange } from '@gatescope/http1';
import type { Consumer, Route, Service } from '../config/entities.ts';
import type { SpanSink } from '../pipeline/plugin.ts';
import type { RouteRequest } from '../router/router.ts';
import type { TracedRequest } from '../tracing/traced-request.ts';
import type { GatewayExchange } from './gateway-exchange.ts';

/** What is known of a request: for the router, the tracer and the access log, who only read it. */
export abstract class RequestView implements TracedRequest, RouteRequest {
  readonly server: ServerExchange;
  abstract readonly exchange: GatewayExchange;
  abstract readonly spanSink: SpanSink | null;
  readonly startMs: number;
  endMs = Number.NaN;
  failure: string | null = null;
  status: number | null = null;
  upstreamStatus: number | null = null;
  upstreamId: string | null = null;
  protocolName: 'http' | 'ws' | 'grpc' = 'http';
  /** What a client has to speak for its request to be served; null: TLS, where it was told to upgrade at all. */
  upgradeTo: string | null = null;
  closeCode: number | null = null;
  responseHeaders: Headers | null = null;

  constructor(server: ServerExchange, startMs: number) {
    this.server = server;
    this.startMs = startMs;
  }

  get requestId(): string {
    return this.exchange.requestId;
  }
  get connection(): ConnectionFacts {
    return this.server.connection;
  }
  get ordinal(): number {
    return this.server.ordinal;
  }
  get firstByteMs(): number {
    return this.server.firstByteMs;
  }
  get method(): string {
    return this.exchange.method;
  }
  get scheme(): 'http' | 'https' {
    return this.exchange.scheme;
  }
  get host(): string {
    return this.exchange.host;
  }
  get rawPath(): string {
    return this.exchange.path;
  }
  get query(): string {
    return this.exchange.query;
  }
  get requestHeaders(): Headers {
    return this.exchange.headers;
  }
  get version(): HttpVersion {
    return this.server.version;
  }
  get clientAddress(): string {
    return this.exchange.clientAddress;
  }
  get clientPort(): number {
    return this.exchange.clientPort;
  }
  get route(): Route | null {
    return this.exchange.route;
  }
  get service(): Service | null {
    return this.exchange.service;
  }
  get consumer(): Consumer | null {
    return this.exchange.consumer;
  }
  get requestHeadBytes(): number {
    return this.server.head.headBytes;
  }
  get requestBodyBytes(): number {
    return this.server.requestBodyBytes;
  }
  get responseHeadBytes(): number {
    return this.server.responseHeadBytes;
  }
  get responseBodyBytes(): number {
    return this.server.responseBodyBytes;
  }
  get target(): string {
    return this.server.head.target;
  }
  get sni(): string | null {
    return this.server.connection.tls?.serverName ?? null;
  }
  headers(lowerName: string): readonly string[] {
    return this.exchange.headers.getAll(lowerName);
  }
}
