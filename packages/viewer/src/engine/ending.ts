import type { TraceSummary } from '@gatescope/protocol';
import { hasFailed, type TraceModel } from './trace-model.ts';
import { type FactsOf, pluginSteps, type Transaction } from './transaction.ts';
import { cutText } from './visible-text.ts';

/** Characters of an error that a sentence tells; all of it is at its span. */
export const ERROR_MAX = 300;

/** Who gave the client its answer, in a sentence. */
export interface Ending {
  readonly by: 'plugin' | 'upstream' | 'gateway' | 'client';
  readonly text: string;
  /** Whether the text tells the trace's error, so that no finding has to. */
  readonly tellsError: boolean;
  readonly row: number | null;
}

/** What the summary is read from. */
export interface TraceReading {
  readonly model: TraceModel;
  readonly summary: TraceSummary;
  readonly transaction: Transaction;
  readonly factsOf: FactsOf;
}

/** Who ended the request: a plugin, the upstream, the gateway itself or the client. */
export function endingOf({ model, summary, transaction, factsOf }: TraceReading): Ending {
  const { exited_by: plugin, status_code: status, upstream_status_code: upstream, error } = summary;
  const because = error === null ? '' : `: ${cutText(error, ERROR_MAX)}`;
  if (plugin !== null) {
    const step = pluginSteps(transaction).find((one) => one.name === plugin && one.exitStatus !== null);
    const phase = step === undefined ? '' : ` in the ${step.phase} phase`;
    const asked = transaction.attempts.length > 0 ? '' : ' The upstream was not asked.';
    return {
      by: 'plugin',
      text: `${plugin} ended the request${phase}${withStatus(step?.exitStatus ?? status)}.${asked}`,
      row: step?.row ?? null,
      tellsError: error === null || /^exited with \d+$/.test(error),
    };
  }
  if (status === 499) {
    const text = 'The client left before the answer was complete.';
    return { by: 'client', text, row: model.root, tellsError: false };
  }
  if (upstream !== null) {
    const changed = status !== null && status !== upstream ? `; the client got ${status}` : '';
    return {
      by: 'upstream',
      text: `The upstream answered ${upstream}${changed}.`,
      row: rowOf(transaction, 'kong.read_headers_from_upstream'),
      tellsError: false,
    };
  }
  const router = rowOf(transaction, 'kong.router');
  if (router !== null && factsOf(router)?.attributes['proxy.kong.router.matched'] === false) {
    return {
      by: 'gateway',
      text: `No route matched; the gateway answered${withStatus(status, '')}.`,
      row: router,
      tellsError: false,
    };
  }
  return {
    by: 'gateway',
    text: `The gateway answered${withStatus(status, '')}${because}.`,
    row: error === null ? model.root : firstFailure(model),
    tellsError: error !== null,
  };
}

/** The failed span nearest to the cause: the deepest that began first, rather than the root that inherited it. */
export function firstFailure(model: TraceModel): number | null {
  let found: number | null = null;
  for (let row = 0; row < model.count; row++)
    if (hasFailed(model, row) && (found === null || found === model.root)) found = row;
  return found;
}

/** The first span of that name; null where there is none. */
export function rowOf({ rowByName }: Transaction, name: string): number | null {
  return rowByName.get(name) ?? null;
}

function withStatus(status: number | null, preposition = ' with'): string {
  return status === null ? '' : `${preposition} ${status}`;
}
