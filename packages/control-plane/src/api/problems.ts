import { AppError, type ErrorCode } from '@gatescope/base';
import { type Problem, STATUS_OF_CODE } from '@gatescope/protocol';
import type { FastifyError, FastifyReply } from 'fastify';

const TITLES: Readonly<Record<ErrorCode, string>> = {
  unauthorized: 'Sign in first',
  forbidden: 'Not allowed',
  rate_limited: 'Too many attempts',
  invalid_request: 'The request is not valid',
  invalid_config: 'The configuration is not valid',
  invalid_rule: 'The rule is not valid',
  unknown_service: 'No such service',
  unknown_route: 'No such route',
  unknown_node: 'No such node',
  not_found: 'Not found',
  node_cannot_trace: 'The node can not trace',
  session_ended: 'The session is over',
  conflict: 'Conflict',
  payload_capture_not_enabled: 'Payload capture is not enabled',
  not_captured: 'Not captured',
  too_large: 'Too large',
  unsupported_media_type: 'Unsupported media type',
  key_unavailable: 'The key is not available',
  unavailable: 'Not available',
  internal: 'Internal error',
};

/** A failure as a problem document (RFC 9457). */
export function problemOf(error: AppError): Problem {
  return {
    type: `urn:gatescope:problem:${error.code}`,
    title: TITLES[error.code],
    status: STATUS_OF_CODE[error.code],
    detail: error.message,
    code: error.code,
    ...(error.details.length === 0 ? {} : { errors: error.details.map((one) => ({ ...one })) }),
  };
}

/** What the framework throws, as one of our own codes. */
export function asAppError(error: FastifyError | AppError | Error): AppError {
  if (error instanceof AppError) return error;
  const { statusCode, code, message } = error as FastifyError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AppError('too_large', 'the body is larger than allowed here');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new AppError('unsupported_media_type', 'send JSON, with the content type application/json');
  if (statusCode === 400) return new AppError('invalid_request', message);
  return AppError.from(error);
}

export function sendProblem(reply: FastifyReply, error: AppError): FastifyReply {
  const problem = problemOf(
    error.code === 'internal'
      ? new AppError('internal', 'something went wrong here; the log of the control plane says what')
      : error,
  );
  if (error.code === 'unauthorized') void reply.header('www-authenticate', 'Bearer realm="gatescope"');
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}
