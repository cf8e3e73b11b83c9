import type { Capture, NodeSessionState, Session, SessionCounts } from '@gatescope/protocol';
import type { Repositories } from '../store/repositories.ts';
import type { SessionRow } from '../store/schema.ts';
import type { SessionCountRow } from '../store/session-node-repository.ts';
import { timestamp, timestampOrNull } from '../time.ts';

/** Sessions as the API shows them, with their nodes and counts. */
export async function viewSessions(
  { sessionNodes }: Pick<Repositories, 'sessionNodes'>,
  controlPlane: string,
  rows: readonly SessionRow[],
): Promise<Session[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const nodes = await sessionNodes.of(ids);
  const counts = await sessionNodes.countsOf(ids);
  return rows.map((row) => ({
    id: row.id,
    control_plane: controlPlane,
    name: row.name,
    nodes: JSON.parse(row.nodes) as Session['nodes'],
    service: row.service,
    route: row.route,
    rule: row.rule,
    rate: row.rate,
    duration_seconds: row.duration_seconds,
    max_traces: row.max_traces,
    capture: JSON.parse(row.capture) as Capture,
    state: row.state as Session['state'],
    end_reason: row.end_reason as Session['end_reason'],
    node_states: nodes
      .filter((node) => node.session_id === row.id)
      .map((node) => ({
        node_id: node.node_id,
        state: node.state as NodeSessionState['state'],
        armed_at: timestampOrNull(node.armed_at),
        reason: node.reason,
      })),
    counts: addCounts(
      row,
      counts.filter((one) => one.session_id === row.id),
    ),
    created_by: row.created_by,
    created_at: timestamp(row.created_at),
    started_at: timestampOrNull(row.started_at),
    ends_at: timestampOrNull(row.ends_at),
    ended_at: timestampOrNull(row.ended_at),
    expires_at: timestamp(row.expires_at),
  }));
}

function addCounts(row: SessionRow, parts: readonly SessionCountRow[]): SessionCounts {
  const dropped: Record<string, number> = {};
  let seen = 0;
  let matched = 0;
  for (const part of parts) {
    seen += part.seen;
    matched += part.matched;
    for (const [reason, count] of Object.entries(JSON.parse(part.dropped) as Record<string, number>))
      dropped[reason] = (dropped[reason] ?? 0) + count;
  }
  return { seen, matched, traces: row.traces, spans: row.spans, logs: row.logs, dropped };
}
