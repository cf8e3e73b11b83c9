import type { RequestStep } from './request-steps.ts';
import { phaseOfSpan } from './span-category.ts';
import { nameOf, type TraceModel } from './trace-model.ts';

/** A request's steps by where the map shows them, each in the order in which they began. */
export interface TransactionMap {
  /** What the client sent and took. */
  readonly client: readonly RequestStep[];
  /** From the client to the upstream. */
  readonly request: readonly RequestStep[];
  /** What the upstream did; empty where it was not asked. */
  readonly upstream: readonly RequestStep[];
  /** From the upstream back to the client. */
  readonly response: readonly RequestStep[];
  /** After the response. */
  readonly after: readonly RequestStep[];
}

const UPSTREAM_CATEGORIES: ReadonlySet<string> = new Set(['dns', 'connect', 'upstream']);
const RESPONSE_PHASES: ReadonlySet<string> = new Set(['response', 'header_filter', 'body_filter']);

/** Lays a request's steps out. */
export function transactionMap(model: TraceModel, steps: readonly RequestStep[]): TransactionMap {
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
