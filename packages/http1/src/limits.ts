/** What a client may send and how long it may take; each limit is a setting. */
export interface ServerLimits {
  /** Request line, bytes. Longer: 414. */
  readonly requestLineBytesMax: number;
  /** One field line, bytes. Longer: 431. */
  readonly headerBytesMax: number;
  /** Request line and all field lines, bytes. More: 431. */
  readonly headBytesMax: number;
  /** Field lines. More: 431. */
  readonly headerCountMax: number;
  /** Body, bytes; 0: no limit. More: 413. */
  readonly bodyBytesMax: number;
  /** From the first byte of a request to the end of its head. Longer: 408. */
  readonly headersTimeoutMs: number;
  /** Between two reads of a body. Longer: 408. */
  readonly bodyTimeoutMs: number;
  /** Between two writes to a client that does not read. Longer: the connection is closed. */
  readonly sendTimeoutMs: number;
  /** A connection without a request is closed after it. */
  readonly keepAliveTimeoutMs: number;
  /** Requests answered on one connection. */
  readonly requestsPerConnectionMax: number;
  /** Connections at once; a further one is closed as soon as it is accepted. */
  readonly connectionsMax: number;
  /** From accepting a connection to the end of its TLS handshake. */
  readonly handshakeTimeoutMs: number;
}

export const SERVER_LIMITS_DEFAULT: ServerLimits = {
  requestLineBytesMax: 32_768,
  headerBytesMax: 32_768,
  headBytesMax: 65_536,
  headerCountMax: 200,
  bodyBytesMax: 0,
  headersTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  requestsPerConnectionMax: 100_000,
  connectionsMax: 16_384,
  handshakeTimeoutMs: 60_000,
};

/** Framing bytes (chunk sizes, extensions, trailers) of one chunked message, at most. */
export const CHUNK_FRAMING_BYTES_MAX = 16_384;

/** Names and values of the trailers of one message, at most. */
export const TRAILERS_BYTES_MAX = 16_384;

/** What an upstream may send. */
export interface ClientLimits {
  /** Status line and field lines of one response, bytes. */
  readonly headBytesMax: number;
  readonly headerCountMax: number;
  /** Interim (1xx) responses before the final one. */
  readonly interimResponsesMax: number;
}

export const CLIENT_LIMITS_DEFAULT: ClientLimits = {
  headBytesMax: 65_536,
  headerCountMax: 1_000,
  interimResponsesMax: 100,
};
