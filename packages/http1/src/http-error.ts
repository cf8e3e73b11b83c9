/** What went wrong with a message a peer sent; a closed set. */
export type ProtocolErrorKind =
  | 'bad_request'
  | 'target_too_long'
  | 'headers_too_large'
  | 'body_too_large'
  | 'unsupported_version'
  | 'method_not_allowed'
  | 'headers_timeout'
  | 'body_timeout'
  | 'expectation_failed';

const STATUS: Readonly<Record<ProtocolErrorKind, number>> = {
  bad_request: 400,
  target_too_long: 414,
  headers_too_large: 431,
  body_too_large: 413,
  unsupported_version: 505,
  method_not_allowed: 405,
  headers_timeout: 408,
  body_timeout: 408,
  expectation_failed: 417,
};

/** A client broke the protocol or a limit; `status` is what it is answered before its connection is closed. */
export class ProtocolError extends Error {
  readonly kind: ProtocolErrorKind;
  readonly status: number;

  constructor(kind: ProtocolErrorKind, message: string) {
    super(message);
    this.name = 'ProtocolError';
    this.kind = kind;
    this.status = STATUS[kind];
  }
}

/** How a try at an upstream failed; a closed set. */
export type UpstreamErrorKind =
  | 'refused'
  | 'unreachable'
  | 'connect_timeout'
  | 'tls'
  | 'send_timeout'
  | 'read_timeout'
  | 'reset'
  | 'closed_before_response'
  | 'closed_in_response'
  | 'invalid_response'
  | 'aborted';

/** An upstream could not be reached or did not answer as HTTP wants it. */
export class UpstreamError extends Error {
  readonly kind: UpstreamErrorKind;

  constructor(kind: UpstreamErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UpstreamError';
    this.kind = kind;
  }
}
