import type { RequestStep } from './request-steps.ts';
import { phaseOfSpan } from './span-category.ts';
import { nameOf, type TraceModel } from './trace-model.ts';

/** A request's steps by where the map shows them, each in the order in which they began. */
export interface TransactionMap<Step extends RequestStep = RequestStep> {
  /** What the client sent and took. */
  readonly client: readonly Step[];
  /** From the client to the upstream. */
  readonly request: readonly Step[];
  /** What the upstream did; empty where it was not asked. */
  readonly upstream: readonly Step[];
  /** From the upstream back to the client. */
  readonly response: readonly Step[];
  /** After the response. */
  readonly after: readonly Step[];
}

const UPSTREAM_CATEGORIES: ReadonlySet<string> = new Set(['dns', 'connect', 'upstream']);
const RESPONSE_PHASES: ReadonlySet<string> = new Set(['response', 'header_filter', 'body_filter']);

/** Lays a request's steps out. */
export function transactionMap<Step extends RequestStep>(
  model: TraceModel,
  steps: readonly Step[],
): TransactionMap<Step> {
  const placed = steps.map((step) => ({ step, at: placeOf(model, step) }));
  const of = (wanted: keyof TransactionMap) =>
    placed.filter(({ at }) => at === wanted).map(({ step }) => step);
  return {
    client: of('client'),
    request: of('request'),
    upstream: of('upstream'),
    response: of('response'),
    after: of('after'),
  };
}

function placeOf(model: TraceModel, step: RequestStep): keyof TransactionMap {
  if (step.isAfter) return 'after';
  if (step.category === 'client') return 'client';
  if (UPSTREAM_CATEGORIES.has(step.category)) return 'upstream';
  return RESPONSE_PHASES.has(phaseOfSpan(nameOf(model, step.row)) ?? '') ? 'response' : 'request';
}
