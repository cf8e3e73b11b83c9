import type { ColumnType, Selectable } from 'kysely';

/** Times are milliseconds since the epoch unless their name says otherwise; booleans are 0 and 1; lists and records are JSON text. */
export interface Schema {
  control_planes: { id: string; name: string; description: string; created_at: number };
  configs: { control_plane_id: string; hash: string; text: string; updated_at: number; updated_by: string };
  nodes: {
    id: string;
    control_plane_id: string;
    hostname: string;
    version: string;
    ip: string;
    last_seen_at: number;
    config_hash: string | null;
    tracing_available: number;
    tracing_reason: string | null;
    capabilities: string;
  };
  keys: {
    id: string;
    name: string;
    provider: string;
    state: string;
    config: string;
    created_at: number;
    activated_at: number | null;
    reason: string | null;
  };
  sessions: SessionTable;
  session_nodes: {
    session_id: string;
    node_id: string;
    state: string;
    armed_at: number | null;
    reason: string | null;
    /** When the node was to arm it: at the session's start, or when the node came later. */
    asked_at: number | null;
  };
  node_certificates: {
    id: string;
    control_plane_id: string;
    name: string;
    /** PEM. */
    certificate: string;
    /** SHA-256 of the certificate, lower-case hexadecimal. */
    fingerprint: string;
    /** 1: it is an authority, and every certificate it issued is good too. */
    is_authority: number;
    subject: string;
    not_before: number;
    not_after: number;
    created_at: number;
    created_by: string;
  };
  session_counts: {
    session_id: string;
    node_id: string;
    epoch: string;
    seen: number;
    matched: number;
    dropped: string;
  };
  traces: TraceTable;
  logs: LogTable;
  payloads: {
    session_id: string;
    /** Id of the root span. */
    id: string;
    /** What was captured as JSON, deflated and sealed. */
    sealed_payload: Uint8Array;
  };
  events: { session_id: string; seq: number; kind: string; ref: string };
  tokens: {
    id: string;
    name: string;
    role: string;
    control_planes: string;
    payload_read: number;
    hash: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
    /** Id of the user or token that made it; null: the bootstrap token, or nobody knows. */
    made_by: string | null;
  };
  users: {
    id: string;
    email: string;
    /** Empty: signs in through the identity provider alone. */
    password_hash: string;
    role: string;
    control_planes: string;
    payload_read: number;
    created_at: number;
    /** Who the identity provider says it is, issuer in front; null: signs in with a password. */
    subject: string | null;
    last_sign_in_at: number | null;
  };
  web_sessions: {
    hash: string;
    principal: string;
    created_at: number;
    expires_at: number;
    user_id: string | null;
  };
  sign_in_links: { hash: string; expires_at: number };
  settings: { name: string; value: string };
  audit_log: {
    id: number | ColumnType<number, never, never>;
    at: number;
    actor: string;
    actor_id: string | null;
    action: string;
    target: string;
    address: string | null;
    outcome: string;
    details: string;
  };
}

export interface SessionTable {
  id: string;
  control_plane_id: string;
  name: string;
  nodes: string;
  service: string | null;
  service_id: string | null;
  route: string | null;
  route_id: string | null;
  rule: string | null;
  rate: number;
  duration_seconds: number;
  max_traces: number;
  capture: string;
  state: string;
  end_reason: string | null;
  created_by: string;
  created_at: number;
  started_at: number | null;
  ends_at: number | null;
  ended_at: number | null;
  expires_at: number;
  key_id: string;
  /** The data key, wrapped; null once it has been destroyed. */
  wrapped_key: Uint8Array | null;
  traces: number;
  spans: number;
  logs: number;
  event_seq: number;
}

export interface TraceTable {
  session_id: string;
  /** Id of the root span. */
  id: string;
  trace_id: string;
  node_id: string;
  /** Microseconds since the epoch. */
  started_us: number;
  method: string;
  status_code: number | null;
  upstream_status_code: number | null;
  duration_ms: number;
  upstream_ms: number;
  gateway_ms: number;
  client_ms: number;
  io_ms: number;
  service_id: string | null;
  route_id: string | null;
  span_count: number;
  log_count: number;
  has_payload: number;
  /** What tells something of the request, sealed: host, path, names, error. */
  sealed_summary: Uint8Array;
  /** The spans as OTLP, deflated and sealed. */
  sealed_spans: Uint8Array;
}

/** Log lines: of a trace under the id of its root span, of no request in chunks under the id that the node gave them. */
export interface LogTable {
  session_id: string;
  id: string;
  node_id: string;
  /** 0: lines of no request. */
  of_trace: number;
  /** Microseconds since the epoch, of the first and the last line. */
  first_us: number;
  last_us: number;
  line_count: number;
  /** The lines as JSON, oldest first, deflated and sealed. */
  sealed_lines: Uint8Array;
}

/** A row of a table as it is read. */
export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type SessionRow = Row<'sessions'>;
export type NodeRow = Row<'nodes'>;
export type TraceRow = Row<'traces'>;
export type LogRow = Row<'logs'>;
