import type { TraceSummary } from '@gatescope/protocol';

/** The telling half of a trace's summary: what is kept sealed. */
export interface SealedSummary {
  readonly host: string | null;
  readonly path: string;
  readonly service: string | null;
  readonly route: string | null;
  readonly consumer: string | null;
  readonly client_address: string | null;
  readonly error: string | null;
  readonly slowest_plugin: TraceSummary['slowest_plugin'];
  readonly exited_by: string | null;
}
