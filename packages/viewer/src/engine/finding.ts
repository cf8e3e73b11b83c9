import type { TraceSummary } from '@gatescope/protocol';
import { formatDuration } from './duration-format.ts';

/** What a finding is about, in the order in which findings are told. */
export type FindingKind =
  | 'error'
  | 'not-asked'
  | 'attempts'
  | 'bottleneck'
  | 'gateway'
  | 'first-byte'
  | 'dns'
  | 'handshake'
  | 'client'
  | 'transfer'
  | 'repeated-io'
  | 'median'
  | 'after';

/** Something worth knowing about a trace: a sentence, what it rests on, and where that is seen. */
export interface Finding {
  readonly kind: FindingKind;
  /** `danger`: something failed; `warn`: something cost much; `info`: good to know. */
  readonly tone: 'danger' | 'warn' | 'info';
  readonly text: string;
  /** The numbers behind the sentence; empty where the sentence has them all. */
  readonly evidence: string;
  /** Of the total, 0 to 1; null where the finding is not about a part of it. */
  readonly share: number | null;
  /** The span that shows it; null where no span of this trace does. */
  readonly row: number | null;
}

/** What a finding about a part of the total says of time: its evidence and its share. */
export function ofTotal(ns: number, summary: TraceSummary): Pick<Finding, 'evidence' | 'share'> {
  const totalNs = summary.duration_ms * 1e6;
  return {
    evidence: `${formatDuration(ns)} of ${formatDuration(totalNs)}`,
    share: totalNs <= 0 ? 0 : Math.min(1, ns / totalNs),
  };
}

/** Whether a time is that share of the total at least, and no trifle: `leastNs` at least, a millisecond where nothing else is said. */
export function isMuch(ns: number, share: number, summary: TraceSummary, leastNs = 1e6): boolean {
  return ns >= leastNs && ns >= share * summary.duration_ms * 1e6;
}
