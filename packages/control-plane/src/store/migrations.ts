import { type Kysely, type Migration, type MigrationProvider, sql } from 'kysely';

/** Steps of the schema, in order; what has been released is never changed. */
const MIGRATIONS: Record<string, Migration> = {
  '0001_first': {
    async up(db: Kysely<unknown>): Promise<void> {
      const table = (name: string, columns: string, rest = '') =>
        sql.raw(`create table ${name} (${columns}) ${rest}`).execute(db);
      await table(
        'control_planes',
        'id text primary key, name text not null unique, description text not null, created_at bigint not null',
      );
      await table(
        'configs',
        'control_plane_id text primary key references control_planes(id), hash text not null, text text not null, updated_at bigint not null, updated_by text not null',
      );
      await table(
        'nodes',
        'id text primary key, control_plane_id text not null references control_planes(id), hostname text not null, version text not null, ip text not null, last_seen_at bigint not null, config_hash text, tracing_available integer not null, tracing_reason text, capabilities text not null',
      );
      await table(
        'keys',
        'id text primary key, name text not null, provider text not null, state text not null, config text not null, created_at bigint not null, activated_at bigint, reason text',
      );
      await table(
        'sessions',
        'id text primary key, control_plane_id text not null references control_planes(id), name text not null, nodes text not null, service text, service_id text, route text, route_id text, rule text, rate double precision not null, duration_seconds integer not null, max_traces integer not null, capture text not null, state text not null, end_reason text, created_by text not null, created_at bigint not null, started_at bigint, ends_at bigint, ended_at bigint, expires_at bigint not null, key_id text not null references keys(id), wrapped_key blob, traces integer not null, spans integer not null, logs integer not null, event_seq integer not null',
      );
      await sql`create index sessions_by_time on sessions (control_plane_id, created_at)`.execute(db);
      await sql`create index sessions_by_expiry on sessions (expires_at)`.execute(db);
      await table(
        'session_nodes',
        'session_id text not null, node_id text not null, state text not null, armed_at bigint, reason text, primary key (session_id, node_id)',
      );
      await table(
        'session_counts',
        'session_id text not null, node_id text not null, epoch text not null, seen bigint not null, matched bigint not null, dropped text not null, primary key (session_id, node_id, epoch)',
      );
      await table(
        'traces',
        'session_id text not null, id text not null, trace_id text not null, node_id text not null, started_us bigint not null, method text not null, status_code integer, upstream_status_code integer, duration_ms double precision not null, upstream_ms double precision not null, gateway_ms double precision not null, client_ms double precision not null, io_ms double precision not null, service_id text, route_id text, span_count integer not null, log_count integer not null, has_payload integer not null, sealed_summary blob not null, sealed_spans blob not null, primary key (session_id, id)',
      );
      await sql`create index traces_by_time on traces (session_id, started_us, id)`.execute(db);
      await sql`create index traces_by_trace_id on traces (session_id, trace_id)`.execute(db);
      await table(
        'events',
        'session_id text not null, seq integer not null, kind text not null, ref text not null, primary key (session_id, seq)',
      );
      await table(
        'tokens',
        'id text primary key, name text not null, role text not null, control_planes text not null, payload_read integer not null, hash text not null unique, created_at bigint not null, expires_at bigint, last_used_at bigint',
      );
      await table(
        'users',
        'id text primary key, email text not null unique, password_hash text not null, role text not null, control_planes text not null, payload_read integer not null, created_at bigint not null',
      );
      await table(
        'web_sessions',
        'hash text primary key, principal text not null, created_at bigint not null, expires_at bigint not null',
      );
      await table('sign_in_links', 'hash text primary key, expires_at bigint not null');
      await table('settings', 'name text primary key, value text not null');
      await table(
        'audit_log',
        'id integer primary key, at bigint not null, actor text not null, action text not null, target text not null, details text not null',
      );
    },
  },
  '0002_logs_and_payloads': {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`create table logs (session_id text not null, id text not null, node_id text not null, of_trace integer not null, first_us bigint not null, last_us bigint not null, line_count integer not null, sealed_lines blob not null, primary key (session_id, id))`.execute(
        db,
      );
      await sql`create index logs_by_time on logs (session_id, last_us, id)`.execute(db);
      await sql`create table payloads (session_id text not null, id text not null, sealed_payload blob not null, primary key (session_id, id))`.execute(
        db,
      );
    },
  },
  '0003_people_and_groups': {
    async up(db: Kysely<unknown>): Promise<void> {
      const columns: [table: string, column: string][] = [
        ['audit_log', 'actor_id text'],
        ['audit_log', 'address text'],
        ['audit_log', "outcome text not null default 'done'"],
        ['tokens', 'made_by text'],
        ['users', 'subject text'],
        ['users', 'last_sign_in_at bigint'],
        ['web_sessions', 'user_id text'],
        ['session_nodes', 'asked_at bigint'],
      ];
      for (const [table, column] of columns)
        await sql.raw(`alter table ${table} add column ${column}`).execute(db);
      await sql`create unique index users_by_subject on users (subject)`.execute(db);
      await sql`create index audit_log_by_time on audit_log (at)`.execute(db);
      await sql`create table node_certificates (id text primary key, control_plane_id text not null references control_planes(id), name text not null, certificate text not null, fingerprint text not null unique, is_authority integer not null, subject text not null, not_before bigint not null, not_after bigint not null, created_at bigint not null, created_by text not null)`.execute(
        db,
      );
    },
  },
};

export const migrations: MigrationProvider = {
  getMigrations: async () => MIGRATIONS,
};
