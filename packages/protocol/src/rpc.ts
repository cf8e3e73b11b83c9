import Type from 'typebox';
import { REDACTION_LIMITS, SESSION_LIMITS } from './limits.ts';
import { NodeLoadSchema } from './node.ts';
import { nullable } from './scalars.ts';
import { CaptureSchema, RedactionRuleSchema, SessionCountsSchema } from './session.ts';

/** `gatescope.nodes.v1.hello`: who the node is and what it can do. */
export const HelloParamsSchema = Type.Object({
  node_id: Type.String({ minLength: 1, maxLength: 128 }),
  hostname: Type.String({ maxLength: 255 }),
  version: Type.String({ maxLength: 64 }),
  capabilities: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 100 }),
  tracing: Type.Object({ available: Type.Boolean(), reason: nullable(Type.String({ maxLength: 1_000 })) }),
  config_hash: nullable(Type.String({ maxLength: 128 })),
  workers: Type.Integer({ minimum: 1, maximum: 1_024 }),
  /** Wall time of the node, milliseconds since the epoch. */
  time_ms: Type.Optional(Type.Number()),
});
export type HelloParams = Type.Static<typeof HelloParamsSchema>;

export const HelloResultSchema = Type.Object({
  control_plane: Type.String(),
  version: Type.String(),
  capabilities: Type.Array(Type.String()),
  /** Bearer token for the telemetry paths; good for this node alone. */
  telemetry_token: Type.String(),
  /** Wall time of the control plane, milliseconds since the epoch: shows a clock that is off. */
  time_ms: Type.Number(),
});
export type HelloResult = Type.Static<typeof HelloResultSchema>;

/** `gatescope.config.v1.apply`: the whole declarative configuration, as text the node parses itself. */
export const ApplyConfigParamsSchema = Type.Object({
  hash: Type.String({ maxLength: 128 }),
  /** kong.yml, as JSON or YAML text. */
  config: Type.String(),
});
export type ApplyConfigParams = Type.Static<typeof ApplyConfigParamsSchema>;

/** `hash` is that of the configuration in force afterwards; `error` says why the new one was refused. */
export const ApplyConfigResultSchema = Type.Object({
  applied: Type.Boolean(),
  hash: nullable(Type.String()),
  error: nullable(Type.String()),
});
export type ApplyConfigResult = Type.Static<typeof ApplyConfigResultSchema>;

/** One session a node should have armed. Times are relative, so that clocks need not agree. */
export const DesiredSessionSchema = Type.Object({
  id: Type.String({ maxLength: 64 }),
  /** Ids, resolved by the control plane; null: every service or route. */
  service_id: nullable(Type.String()),
  route_id: nullable(Type.String()),
  rule: nullable(Type.String()),
  rate: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  /** What is left of the session when the message was made; the node counts it down on its own monotonic clock. */
  remaining_ms: Type.Number({ minimum: 0 }),
  /** What is left of `max_traces` over all nodes: a node sends no more than this from now on. */
  remaining_traces: Type.Integer({ minimum: 0 }),
  /** Its redaction rules are the session's, and after them the organisation's. */
  capture: Type.Object({
    ...CaptureSchema.properties,
    redact: Type.Array(RedactionRuleSchema, {
      maxItems: SESSION_LIMITS.redactRulesMax + REDACTION_LIMITS.organisationRulesMax,
    }),
  }),
});
export type DesiredSession = Type.Static<typeof DesiredSessionSchema>;

/** `gatescope.sessions.v1.sync`: the whole set; what is not in it is disarmed. An older revision than the last is ignored. */
export const SyncSessionsParamsSchema = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  sessions: Type.Array(DesiredSessionSchema, { maxItems: SESSION_LIMITS.runningMax }),
});
export type SyncSessionsParams = Type.Static<typeof SyncSessionsParamsSchema>;

export const SyncSessionsResultSchema = Type.Object({
  revision: Type.Integer(),
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      state: Type.Union([Type.Literal('armed'), Type.Literal('refused')]),
      reason: nullable(Type.String()),
    }),
  ),
});
export type SyncSessionsResult = Type.Static<typeof SyncSessionsResultSchema>;

/**
 * `gatescope.sessions.v1.report`: counts of this node since it armed the session, cumulative, at most every 200 ms and only
 * when they changed. `epoch` changes when the node's counters start anew (a restart); the control plane adds epochs up.
 * `traces` and `spans` are what was acknowledged by the control plane; it keeps its own, exact count of those.
 */
export const ReportSessionsParamsSchema = Type.Object({
  epoch: Type.String({ maxLength: 64 }),
  sessions: Type.Array(
    Type.Object({ id: Type.String(), counts: SessionCountsSchema, disarmed: Type.Boolean() }),
    // Those that run, and those whose last word is still to come.
    { maxItems: 4 * SESSION_LIMITS.runningMax },
  ),
});
export type ReportSessionsParams = Type.Static<typeof ReportSessionsParamsSchema>;

/** `gatescope.nodes.v1.status`: sent when something of it changed, and every 10 s with the load. */
export const StatusParamsSchema = Type.Object({
  config_hash: nullable(Type.String()),
  workers: Type.Integer(),
  load: Type.Optional(NodeLoadSchema),
});
export type StatusParams = Type.Static<typeof StatusParamsSchema>;
