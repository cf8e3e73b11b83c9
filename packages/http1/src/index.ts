export type { ConnectionFacts, TlsFacts } from './connection-facts.ts';
export { HEADER, Headers, isFieldName, isFieldValue, isHopByHop, knownName, namesOption } from './headers.ts';
export {
  ProtocolError,
  type ProtocolErrorKind,
  UpstreamError,
  type UpstreamErrorKind,
} from './http-error.ts';
export {
  CLIENT_LIMITS_DEFAULT,
  type ClientLimits,
  SERVER_LIMITS_DEFAULT,
  type ServerLimits,
} from './limits.ts';
export type { RequestHead } from './request-head.ts';
export type { BodyFraming, ResponseHead } from './response-head.ts';
export { HttpServer, type ListenOptions, type ServerHandler, type ServerOptions } from './server.ts';
export type { ExchangeListener, HttpVersion, ResponseLength, ServerExchange } from './server-exchange.ts';
export { type ServerTlsOptions, subjectOf } from './server-tls.ts';
export { Deadlined, DeadlineSweep } from './sweep.ts';
export {
  type UpstreamConnection,
  type UpstreamListener,
  type UpstreamTimeouts,
  UpstreamTimes,
} from './upstream-connection.ts';
export { type ConnectListener, POOL_DEFAULT, type PoolOptions, UpstreamPool } from './upstream-pool.ts';
export type { UpstreamTarget, UpstreamTls } from './upstream-target.ts';
