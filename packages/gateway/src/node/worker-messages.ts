import type { LogAttributes, LogLevel } from '@gatescope/base';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import type { WorkerNumbers } from '../proxy/request-numbers.ts';
import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';

/** What the primary tells a worker. Those with an `id` are answered with it. */
export type ToWorker =
  | { readonly type: 'apply'; readonly id: number; readonly config: string }
  | { readonly type: 'sync'; readonly id: number; readonly sessions: readonly DesiredSession[] }
  | { readonly type: 'telemetry'; readonly target: TelemetryTarget }
  /** Base64, for session tickets. */
  | { readonly type: 'ticket-keys'; readonly keys: string }
  /** A line of the primary's log, for the sessions that capture logs. */
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly kind: string;
      readonly message: string;
      readonly attributes?: LogAttributes | undefined;
    }
  | { readonly type: 'numbers'; readonly id: number }
  | { readonly type: 'drain' };

/** Counts of one session on one worker. */
export interface WorkerCounts {
  readonly id: string;
  readonly counts: SessionCounts;
  readonly disarmed: boolean;
  /** Traces that would be lost with the worker. */
  readonly pending: number;
}

/** What a worker tells the primary. */
export type FromWorker =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly message: string }
  | {
      readonly type: 'applied';
      readonly id: number;
      readonly hash: string | null;
      readonly error: string | null;
    }
  | { readonly type: 'synced'; readonly id: number; readonly sessions: SyncSessionsResult['sessions'] }
  | { readonly type: 'numbers'; readonly id: number; readonly numbers: WorkerNumbers }
  | { readonly type: 'counts'; readonly sessions: readonly WorkerCounts[] };
