import { RETENTION_DAYS } from '@gatescope/protocol';
import type { SessionRow } from '../store/schema.ts';
import type { ResolvedRequest } from './session-request.ts';

/** A session as it is kept at first: pending, with nothing in it. */
export function newSessionRow(
  id: string,
  controlPlaneId: string,
  resolved: ResolvedRequest,
  key: { readonly keyId: string; readonly wrapped: Uint8Array },
  by: string,
  now: number,
): SessionRow {
  const { nodes, capture, ...request } = resolved;
  return {
    ...request,
    id,
    control_plane_id: controlPlaneId,
    nodes: JSON.stringify(nodes),
    capture: JSON.stringify(capture),
    state: 'pending',
    end_reason: null,
    created_by: by,
    created_at: now,
    started_at: null,
    ends_at: null,
    ended_at: null,
    expires_at: now + RETENTION_DAYS * 86_400_000,
    key_id: key.keyId,
    wrapped_key: key.wrapped,
    traces: 0,
    spans: 0,
    logs: 0,
    event_seq: 0,
  };
}
