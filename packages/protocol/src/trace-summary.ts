import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** An example that those of a whole trace and of its skeleton are made of. */
export const TRACE_SUMMARY_EXAMPLE = {
  id: 'feedfacefeedface',
  trace_id: 'fedcba9876543210fedcba9876543210',
  session_id: '1c9d8e7f-6a5b-4c3d-9e2f-1a0b9c8d7e6f',
  node_id: '7e0a3f9c-52d6-4f2b-9f3d-1f0c5c0a7b11',
  started_at: '2026-01-31T09:30:01.000123Z',
  method: 'GET',
  host: 'shop.example.com',
  path: '/checkout/7',
  status_code: 503,
  upstream_status_code: 503,
  duration_ms: 42.5,
  upstream_ms: 40,
  gateway_ms: 2,
  client_ms: 0.5,
  io_ms: 0,
  service: 'shop',
  route: 'checkout',
  consumer: null,
  span_count: 2,
  log_count: 0,
  error: null,
  slowest_plugin: { name: 'key-auth', phase: 'access', duration_ms: 0.25 },
  exited_by: null,
  has_payload: false,
};

/** One row of a session's list of traces. Durations are milliseconds with a fraction; the four parts add up to the total. */
export const TraceSummarySchema = Type.Object(
  {
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
  },
  { examples: [TRACE_SUMMARY_EXAMPLE] },
);
export type TraceSummary = Type.Static<typeof TraceSummarySchema>;
