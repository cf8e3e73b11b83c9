import type { ErrorCode } from '@gatescope/base';
import Type from 'typebox';

/** One thing that is wrong and, where it has one, its place. */
export const ProblemDetailSchema = Type.Object({
  message: Type.String(),
  path: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
  suggestion: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

/** An error of the API: a problem document (RFC 9457) with a stable `code` and, for user text, every error with its place. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    errors: Type.Optional(Type.Array(ProblemDetailSchema)),
  },
  {
    examples: [
      {
        type: 'urn:gatescope:problem:invalid_request',
        title: 'The request is not valid',
        status: 400,
        detail: 'the request is not valid: rate must be > 0',
        code: 'invalid_request',
        errors: [{ path: 'rate', message: 'must be > 0' }],
      },
    ],
  },
);
export type Problem = Type.Static<typeof ProblemSchema>;

/** The HTTP status each code travels with. */
export const STATUS_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  invalid_request: 400,
  invalid_config: 400,
  invalid_rule: 400,
  unknown_service: 400,
  unknown_route: 400,
  unknown_node: 400,
  not_found: 404,
  node_cannot_trace: 409,
  session_ended: 409,
  conflict: 409,
  payload_capture_not_enabled: 403,
  not_captured: 404,
  too_large: 413,
  unsupported_media_type: 415,
  key_unavailable: 503,
  unavailable: 503,
  internal: 500,
};
