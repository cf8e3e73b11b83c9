import { type BoundRule, type CompiledRule, compileRule } from '@gatescope/expressions';
import type { DesiredSession, SessionCounts } from '@gatescope/protocol';
import type { RequestFacts } from './request-facts.ts';
import { requestReaders } from './request-readers.ts';

/** Why a matching request was not kept. */
export type DropReason = 'queue_full' | 'export_failed' | 'rejected' | 'rate';

/** A session as this worker has it armed. */
export class ArmedSession {
  readonly id: string;
  readonly serviceId: string | null;
  readonly routeId: string | null;
  readonly rule: BoundRule<RequestFacts> | null;
  readonly ruleText: string | null;
  /** Whether its rule asks for header fields of the request after plugins may have changed them. */
  readonly keepsHeaders: boolean;
  rate: number;
  /** performance.now() past which it is not armed any more, whatever anybody says. */
  deadlineMs: number;
  /** Traces this worker may still send. */
  budget: number;
  /** performance.now() when it was armed: requests that began before are not its own. */
  readonly armedMs = performance.now();
  /** Traces on their way to the control plane. */
  pending = 0;
  readonly counts: SessionCounts = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };

  private constructor(desired: DesiredSession, rule: CompiledRule | null) {
    this.id = desired.id;
    this.serviceId = desired.service_id;
    this.routeId = desired.route_id;
    this.rule = rule?.bind(requestReaders) ?? null;
    this.keepsHeaders =
      rule !== null && HEADER_FIELDS.some((name) => rule.fields.has(name)) && isAskedLate(rule);
    this.ruleText = desired.rule;
    this.rate = desired.rate;
    this.deadlineMs = performance.now() + desired.remaining_ms;
    this.budget = desired.remaining_traces;
  }

  /** Arms a session, or says why it can't be. */
  static arm(desired: DesiredSession): ArmedSession | string {
    if (desired.rule === null) return new ArmedSession(desired, null);
    const compiled = compileRule(desired.rule);
    if (!compiled.ok)
      return `the rule does not compile on this node: ${compiled.diagnostics[0]?.message ?? 'unknown error'}`;
    return new ArmedSession(desired, compiled.rule);
  }

  /** Whether a request's route lies in the session's scope. */
  wants(serviceId: string | undefined, routeId: string | undefined): boolean {
    return (
      (this.serviceId === null || this.serviceId === serviceId) &&
      (this.routeId === null || this.routeId === routeId)
    );
  }

  drop(reason: DropReason, count = 1): void {
    this.counts.dropped[reason] = (this.counts.dropped[reason] ?? 0) + count;
  }
}

const HEADER_FIELDS = ['http.headers.', 'http.request.header.host'];

function isAskedLate({ decidedAt }: CompiledRule): boolean {
  return decidedAt !== 'connection' && decidedAt !== 'request';
}
