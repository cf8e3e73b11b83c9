import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** One row of a session's list of traces. Durations are milliseconds with a fraction; the four parts add up to the total. */
export const TraceSummarySchema = Type.Object({
  /** The root span's id: unique even where callers reuse a trace id. */
  id: Type.String(),
  trace_id: Type.String(),
  session_id: Type.String(),
  node_id: Type.String(),
  started_at: TimestampSchema,
  method: Type.String(),
  host: nullable(Type.String()),
  path: Type.String(),
  status_code: nullable(Type.Integer()),
  upstream_status_code: nullable(Type.Integer()),
  duration_ms: Type.Number(),
  upstream_ms: Type.Number(),
  gateway_ms: Type.Number(),
  client_ms: Type.Number(),
  io_ms: Type.Number(),
  /** Names where the configuration gives them one, ids otherwise. */
  service: nullable(Type.String()),
  route: nullable(Type.String()),
  consumer: nullable(Type.String()),
  span_count: Type.Integer(),
  log_count: Type.Integer(),
  /** The first error, in words; null where there is none. */
  error: nullable(Type.String()),
  slowest_plugin: nullable(
    Type.Object({ name: Type.String(), phase: Type.String(), duration_ms: Type.Number() }),
  ),
  /** Name of the plugin that ended the request. */
  exited_by: nullable(Type.String()),
  has_payload: Type.Boolean(),
});
export type TraceSummary = Type.Static<typeof TraceSummarySchema>;
