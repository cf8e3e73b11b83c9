import { formatBytes } from './byte-format.ts';
import { formatDuration } from './duration-format.ts';
import { rowOf, type TraceReading } from './ending.ts';
import { type Finding, isMuch, ofTotal } from './finding.ts';
import { numberAttribute } from './span-facts.ts';
import { durationOf, nameOf } from './trace-model.ts';
import type { UpstreamAttempt } from './transaction.ts';

/** A body of this many bytes is worth telling. */
const LARGE_BYTES = 1_048_576;
/** A lookup that takes this long did not come from a cache. */
const SLOW_DNS_NS = 5e6;

/** Tries to reach the upstream that failed, or that there was none. */
export function attemptFindings({ model, summary, transaction }: TraceReading): Finding[] {
  const { attempts } = transaction;
  const failed = attempts.filter((attempt) => attempt.failed);
  if (attempts.length === 0) {
    const wasAsked =
      rowOf(transaction, 'kong.upstream.selection') !== null || summary.upstream_status_code !== null;
    // Where a plugin ended the request, that sentence says it.
    if (wasAsked || summary.exited_by !== null || model.root < 0) return [];
    const text = 'The upstream was not asked.';
    const evidence = 'there is no kong.upstream.selection span';
    return [{ kind: 'not-asked', tone: 'warn', text, evidence, share: null, row: model.root }];
  }
  if (failed.length === 0 && attempts.length === 1) return [];
  const spent = failed.reduce((sum, attempt) => sum + attempt.durationNs, 0);
  const all = attempts.length === 1 ? 'The one attempt' : `All ${attempts.length} attempts`;
  const text =
    failed.length === attempts.length
      ? `${all} to reach the upstream failed.`
      : `The upstream took ${attempts.length} attempts${failed.length === 0 ? '' : `, ${failed.length} failed`}.`;
  return [
    {
      ...{ kind: 'attempts', tone: failed.length === 0 ? 'info' : 'danger', text },
      evidence:
        failed.length === 0 ? '' : `${failed.slice(0, 3).map(told).join('; ')}${more(failed.length - 3)}`,
      share: failed.length === 0 ? null : ofTotal(spent, summary).share,
      row: (failed[0] ?? attempts[0]!).row,
    },
  ];
}

function told({ target, message, durationNs }: UpstreamAttempt): string {
  const why = message === '' ? 'failed' : message;
  return `${target ?? 'unknown target'}: ${why} after ${formatDuration(durationNs)}`;
}

function more(count: number): string {
  return count <= 0 ? '' : `; ${count} more`;
}

/** Waiting for the upstream's first byte, a slow lookup of its name, and large bodies. */
export function upstreamFindings({ model, summary, transaction, factsOf }: TraceReading): Finding[] {
  const found: Finding[] = [];
  const wait = rowOf(transaction, 'kong.read_headers_from_upstream');
  if (wait !== null && isMuch(durationOf(model, wait), 0.3, summary))
    found.push({
      ...{ kind: 'first-byte', tone: 'warn', row: wait },
      text: `The upstream took ${formatDuration(durationOf(model, wait))} to answer with its first byte.`,
      ...ofTotal(durationOf(model, wait), summary),
    });
  const dns = slowestLookup(model.count, (row) =>
    nameOf(model, row) === 'kong.dns' ? durationOf(model, row) : -1,
  );
  if (dns >= 0 && (durationOf(model, dns) >= SLOW_DNS_NS || isMuch(durationOf(model, dns), 0.1, summary)))
    found.push({
      ...{ kind: 'dns', tone: 'warn', row: dns },
      text: `Looking up a name took ${formatDuration(durationOf(model, dns))}.`,
      ...ofTotal(durationOf(model, dns), summary),
    });
  const root = factsOf(model.root);
  for (const [attribute, what, span] of BODIES) {
    const bytes = numberAttribute(root, attribute);
    if (bytes === null || bytes < LARGE_BYTES) continue;
    const row = rowOf(transaction, span) ?? model.root;
    const took = durationOf(model, row);
    found.push({
      ...{ kind: 'transfer', tone: 'info', row, share: null },
      text: `The ${what} body was ${formatBytes(bytes)}.`,
      evidence:
        row === model.root || took <= 0
          ? ''
          : `${formatBytes(bytes / (took / 1e9))} a second in ${formatDuration(took)}`,
    });
  }
  return found;
}

const BODIES = [
  ['http.request.body.size', 'request', 'kong.read_client_http_body'],
  ['http.response.body.size', 'response', 'kong.read_body_from_upstream'],
] as const;

function slowestLookup(count: number, weigh: (row: number) => number): number {
  let slowest = -1;
  let most = -1;
  for (let row = 0; row < count; row++) {
    const weight = weigh(row);
    if (weight > most) [slowest, most] = [row, weight];
  }
  return slowest;
}
