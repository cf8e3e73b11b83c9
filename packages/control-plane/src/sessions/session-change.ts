import { AppError } from '@gatescope/base';
import type { SessionRow } from '../store/schema.ts';
import { RUNNING } from './session-states.ts';

/** What of a session can be changed. */
export interface SessionChange {
  readonly name?: string;
  readonly duration_seconds?: number;
  readonly max_traces?: number;
}

/** A session as it is after a change. Throws `session_ended` and `conflict` where it can't be made. */
export function changed(row: SessionRow, change: SessionChange): SessionRow {
  const { duration_seconds, max_traces } = change;
  if ((duration_seconds !== undefined || max_traces !== undefined) && !RUNNING.includes(row.state)) {
    throw new AppError(
      'session_ended',
      'the limits of a session that is over can not be changed; start a new one',
    );
  }
  if (max_traces !== undefined && max_traces < row.traces) {
    throw new AppError(
      'conflict',
      `the session has ${row.traces} traces already; max_traces can not be less`,
    );
  }
  const ends = duration_seconds !== undefined && row.started_at !== null;
  return { ...row, ...change, ends_at: ends ? row.started_at! + duration_seconds * 1_000 : row.ends_at };
}
