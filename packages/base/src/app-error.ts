/**
 * The closed set of codes an expected failure can have. The REST API, the RPC and the command line translate them once,
 * at their edge; the codes themselves are stable and part of the public contract.
 */
export type ErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'rate_limited'
  | 'invalid_request'
  | 'invalid_config'
  | 'invalid_rule'
  | 'unknown_service'
  | 'unknown_route'
  | 'unknown_node'
  | 'not_found'
  | 'node_cannot_trace'
  | 'session_ended'
  | 'conflict'
  | 'payload_capture_not_enabled'
  | 'not_captured'
  | 'too_large'
  | 'unsupported_media_type'
  | 'key_unavailable'
  | 'unavailable'
  | 'internal';

/** One thing that is wrong with what a user sent: where it is and, where one is known, how to mend it. */
export interface ErrorDetail {
  readonly message: string;
  /** JSON pointer-like path into the request or configuration, such as `services[0].port`. */
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column?: number;
  readonly suggestion?: string;
}

/** A failure that was foreseen and can be told to the user as it is. Never carries a secret or captured payload. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? [];
  }

  /** Any thrown value as an AppError; one that was not foreseen becomes `internal` and keeps its cause. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    return new AppError('internal', messageOf(thrown), { cause: thrown });
  }
}

/** The message of any thrown value, never empty. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return String(thrown) || 'unknown error';
}
