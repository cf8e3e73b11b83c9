import { bottleneckFindings } from './bottleneck-finding.ts';
import { clientFindings } from './client-findings.ts';
import { formatDuration } from './duration-format.ts';
import { ERROR_MAX, endingOf, firstFailure, type TraceReading } from './ending.ts';
import type { Finding } from './finding.ts';
import { ioFindings } from './io-findings.ts';
import { sentence } from './sentence.ts';
import { medianFinding, type SessionMedian } from './session-median.ts';
import { attemptFindings, upstreamFindings } from './upstream-findings.ts';
import { cutText } from './visible-text.ts';

/**
 * What failed, what took the time, what was repeated or unusual: always the same for the same trace, what failed first. What one finding
 * told of a span no later one tells again.
 */
export function findingsOf(reading: TraceReading, median: SessionMedian | null = null): Finding[] {
  const all = [
    ...errorFinding(reading),
    ...attemptFindings(reading),
    ...bottleneckFindings(reading),
    ...upstreamFindings(reading),
    ...clientFindings(reading),
    ...ioFindings(reading),
    ...medianFinding(reading.summary, median),
    ...afterFinding(reading),
  ];
  const told = new Set<number>();
  return all.filter(({ kind, row, share }) => {
    // Repeated calls and large bodies are more than how long their span took.
    if (row === null || share === null || kind === 'repeated-io') return true;
    const isNew = !told.has(row);
    told.add(row);
    return isNew;
  });
}

function errorFinding(reading: TraceReading): Finding[] {
  const { model, summary } = reading;
  if (summary.error === null || endingOf(reading).tellsError) return [];
  const text = sentence(cutText(summary.error, ERROR_MAX));
  return [{ kind: 'error', tone: 'danger', text, evidence: '', share: null, row: firstFailure(model) }];
}

function afterFinding({ summary, transaction }: TraceReading): Finding[] {
  const after = transaction.after.reduce((sum, phase) => sum + phase.durationNs, 0);
  if (after <= summary.duration_ms * 1e5) return [];
  return [
    {
      ...{ kind: 'after', tone: 'info' },
      text: `The log phase worked another ${formatDuration(after)} after the response; the client did not wait for it.`,
      evidence: '',
      share: null,
      row: transaction.after[0]!.row,
    },
  ];
}
