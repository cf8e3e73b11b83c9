import type { LogLine } from '@gatescope/protocol';

/** What belongs to a trace and is fetched when it is looked at, or why there is none, in a sentence or two. */
export type TracePart<T> =
  | { readonly read: (signal: AbortSignal) => Promise<T> }
  | { readonly reason: string };

/** Lines of a trace's log as far as they were fetched. */
export interface TraceLog {
  readonly lines: readonly LogLine[];
  /** Whether there are older ones that were not. */
  readonly isCut: boolean;
}

/** Lines of a trace's log that are fetched, at most. */
export const LOG_LINES_MAX = 10_000;

export const NO_LOGS_ASKED =
  'Logs were not enabled for this session. Start another with logs on, at the level you want, to see what the gateway and its plugins said of each request.';
