import type { LogLine } from '@gatescope/trace';
import type { Repositories } from '../store/repositories.ts';

/** Log lines of one session that are kept. */
export const SESSION_LINES_MAX = 1_000_000;
/** Under which the control plane counts what it dropped itself, beside what the nodes say. */
const OWN_EPOCH = 'control plane';

/** How many log lines a session may still have. */
export class LogBudget {
  #left: number;
  /** Lines that were given and have been stored. */
  stored = 0;
  dropped = 0;

  constructor(kept: number, max = SESSION_LINES_MAX) {
    this.#left = Math.max(0, max - kept);
  }

  /** The lines that may be stored: all, or as many as are left. */
  take(lines: readonly LogLine[]): readonly LogLine[] {
    const given = lines.slice(0, this.#left);
    this.#left -= given.length;
    this.dropped += lines.length - given.length;
    return given;
  }
}

/** Adds to what a session's counts say was dropped. */
export async function noteDropped(
  { sessionNodes }: Repositories,
  sessionId: string,
  nodeId: string,
  reason: string,
  count: number,
): Promise<void> {
  const counts = await sessionNodes.countsOf([sessionId]);
  const own = counts.find(({ node_id, epoch }) => node_id === nodeId && epoch === OWN_EPOCH);
  const before = own === undefined ? {} : (JSON.parse(own.dropped) as Record<string, number>);
  const dropped = JSON.stringify({ ...before, [reason]: (before[reason] ?? 0) + count });
  const place = { session_id: sessionId, node_id: nodeId, epoch: OWN_EPOCH };
  await sessionNodes.setCounts({ ...place, seen: 0, matched: 0, dropped });
}
