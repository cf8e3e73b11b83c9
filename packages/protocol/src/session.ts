import Type from 'typebox';
import { SESSION_LIMITS } from './limits.ts';
import { LogLevelSchema, nullable, TimestampSchema } from './scalars.ts';

/** One redaction rule; it adds to the built-in ones and can't lower them. */
export const RedactionRuleSchema = Type.Union([
  Type.Object({ header: Type.String({ minLength: 1, maxLength: 256 }) }, { additionalProperties: false }),
  Type.Object(
    { json_path: Type.String({ minLength: 1, maxLength: 1_024 }) },
    { additionalProperties: false },
  ),
  Type.Object({ pattern: Type.String({ minLength: 1, maxLength: 1_024 }) }, { additionalProperties: false }),
]);
export type RedactionRule = Type.Static<typeof RedactionRuleSchema>;

/** What a session captures besides spans. */
export const CaptureSchema = Type.Object({
  /** `false`, or the lowest level whose lines are kept. */
  logs: Type.Union([Type.Literal(false), LogLevelSchema]),
  headers: Type.Boolean(),
  bodies: Type.Boolean(),
  body_bytes_max: Type.Integer({
    minimum: SESSION_LIMITS.bodyBytesMin,
    maximum: SESSION_LIMITS.bodyBytesMax,
  }),
  redact: Type.Array(RedactionRuleSchema, { maxItems: SESSION_LIMITS.redactRulesMax }),
});
export type Capture = Type.Static<typeof CaptureSchema>;

/** What a session captures when nothing is said: spans alone. */
export const CAPTURE_DEFAULT: Capture = {
  logs: false,
  headers: false,
  bodies: false,
  body_bytes_max: SESSION_LIMITS.bodyBytesDefault,
  redact: [],
};

/** Every connected node, now or later while the session lasts, or the ids of the nodes. */
export const NodesTargetSchema = Type.Union([
  Type.Literal('all'),
  Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
    minItems: 1,
    maxItems: SESSION_LIMITS.nodesMax,
    uniqueItems: true,
  }),
]);

const NameSchema = Type.Optional(Type.String({ maxLength: SESSION_LIMITS.nameCharactersMax }));
const DurationSchema = Type.Optional(
  Type.Integer({
    minimum: SESSION_LIMITS.durationSecondsMin,
    maximum: SESSION_LIMITS.durationSecondsMax,
  }),
);
const MaxTracesSchema = Type.Optional(
  Type.Integer({ minimum: SESSION_LIMITS.maxTracesMin, maximum: SESSION_LIMITS.maxTracesMax }),
);

/** The body of `POST …/sessions`; every field may be left out. */
export const SessionRequestSchema = Type.Object(
  {
    name: NameSchema,
    nodes: Type.Optional(NodesTargetSchema),
    service: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 256 }))),
    route: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 256 }))),
    rule: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: SESSION_LIMITS.ruleCharactersMax }))),
    rate: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    duration_seconds: DurationSchema,
    max_traces: MaxTracesSchema,
    capture: Type.Optional(Type.Partial(CaptureSchema, { additionalProperties: false })),
  },
  {
    additionalProperties: false,
    examples: [{ name: 'checkout 503s', route: 'checkout', rule: 'http.response.status_code==503' }],
  },
);
export type SessionRequest = Type.Static<typeof SessionRequestSchema>;

export const SessionStateSchema = Type.Union([
  Type.Literal('pending'),
  Type.Literal('active'),
  Type.Literal('draining'),
  Type.Literal('ended'),
]);
export type SessionState = Type.Static<typeof SessionStateSchema>;

export const EndReasonSchema = Type.Union([
  Type.Literal('duration'),
  Type.Literal('max_traces'),
  Type.Literal('stopped'),
  Type.Literal('failed'),
]);
export type EndReason = Type.Static<typeof EndReasonSchema>;

export const NodeSessionStateSchema = Type.Object({
  node_id: Type.String(),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('armed'),
    Type.Literal('refused'),
    Type.Literal('ended'),
    Type.Literal('lost'),
  ]),
  armed_at: nullable(TimestampSchema),
  reason: nullable(Type.String()),
});
export type NodeSessionState = Type.Static<typeof NodeSessionStateSchema>;

/** `seen`: requests finished on armed nodes while armed, matching or not. At most 250 ms old. */
export const SessionCountsSchema = Type.Object({
  seen: Type.Integer(),
  matched: Type.Integer(),
  traces: Type.Integer(),
  spans: Type.Integer(),
  logs: Type.Integer(),
  dropped: Type.Record(Type.String(), Type.Integer()),
});
export type SessionCounts = Type.Static<typeof SessionCountsSchema>;

/** A tracing session as the API gives it. */
export const SessionSchema = Type.Object(
  {
    id: Type.String(),
    control_plane: Type.String(),
    name: Type.String(),
    nodes: NodesTargetSchema,
    service: nullable(Type.String()),
    route: nullable(Type.String()),
    rule: nullable(Type.String()),
    rate: Type.Number(),
    duration_seconds: Type.Integer(),
    max_traces: Type.Integer(),
    capture: CaptureSchema,
    state: SessionStateSchema,
    end_reason: nullable(EndReasonSchema),
    node_states: Type.Array(NodeSessionStateSchema),
    counts: SessionCountsSchema,
    created_by: Type.String(),
    created_at: TimestampSchema,
    started_at: nullable(TimestampSchema),
    ends_at: nullable(TimestampSchema),
    ended_at: nullable(TimestampSchema),
    expires_at: TimestampSchema,
  },
  {
    examples: [
      {
        id: '1c9d8e7f-6a5b-4c3d-9e2f-1a0b9c8d7e6f',
        control_plane: 'default',
        name: 'checkout 503s',
        nodes: 'all',
        service: null,
        route: 'checkout',
        rule: 'http.response.status_code==503',
        rate: 1,
        duration_seconds: 300,
        max_traces: 200,
        capture: { logs: false, headers: false, bodies: false, body_bytes_max: 65_536, redact: [] },
        state: 'active',
        end_reason: null,
        node_states: [
          {
            node_id: '7e0a3f9c-52d6-4f2b-9f3d-1f0c5c0a7b11',
            state: 'armed',
            armed_at: '2026-01-31T09:30:00.140Z',
            reason: null,
          },
        ],
        counts: { seen: 1_204, matched: 31, traces: 31, spans: 744, logs: 0, dropped: {} },
        created_by: 'ada@example.com',
        created_at: '2026-01-31T09:30:00.123Z',
        started_at: '2026-01-31T09:30:00.140Z',
        ends_at: '2026-01-31T09:35:00.140Z',
        ended_at: null,
        expires_at: '2026-02-07T09:30:00.123Z',
      },
    ],
  },
);
export type Session = Type.Static<typeof SessionSchema>;

/** The body of `PATCH …/sessions/{id}`: a new name, or other limits while the session runs. */
export const SessionChangeSchema = Type.Object(
  {
    name: NameSchema,
    duration_seconds: DurationSchema,
    max_traces: MaxTracesSchema,
  },
  { additionalProperties: false, examples: [{ name: 'checkout 503s, longer', duration_seconds: 1_800 }] },
);
