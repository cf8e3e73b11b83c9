import { type BoundRule, type CompiledRule, compileRule } from '@gatescope/expressions';
import type { Capture, DesiredSession, SessionCounts } from '@gatescope/protocol';
import type { Sanitizer } from '@gatescope/sanitizer';
import { sessionSanitizer } from '../capture/sanitizers.ts';
import type { RequestFacts } from './request-facts.ts';
import { requestReaders } from './request-readers.ts';

/** Why something a session wanted was not kept: a request, or what should have come with it. */
export type DropReason =
  | 'queue_full'
  | 'export_failed'
  | 'rejected'
  | 'rate'
  /** Lines beyond those of one request. */
  | 'log_lines_of_request'
  /** Lines of no request beyond those of one worker. */
  | 'node_log_lines'
  | 'node_log_queue_full'
  | 'node_log_export_failed'
  | 'node_log_rejected'
  /** Traces whose lines and payload were left out. */
  | 'details_queue_full'
  | 'details_failed'
  /** Traces whose bodies are shorter than they should be. */
  | 'payload_memory';

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
  /** Chunks of lines of no request that are on their way there. */
  pendingLogs = 0;
  capture: Capture;
  #sanitizer: Sanitizer;
  readonly counts: SessionCounts = { seen: 0, matched: 0, traces: 0, spans: 0, logs: 0, dropped: {} };

  private constructor(desired: DesiredSession, rule: CompiledRule | null, sanitizer: Sanitizer) {
    this.capture = desired.capture;
    this.#sanitizer = sanitizer;
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
  static arm(desired: DesiredSession, keyNames: readonly string[]): ArmedSession | string {
    const sanitizer = sessionSanitizer(desired.capture.redact, keyNames);
    if (typeof sanitizer === 'string') return sanitizer;
    if (desired.rule === null) return new ArmedSession(desired, null, sanitizer);
    const compiled = compileRule(desired.rule);
    if (!compiled.ok)
      return `the rule does not compile on this node: ${compiled.diagnostics[0]?.message ?? 'unknown error'}`;
    return new ArmedSession(desired, compiled.rule, sanitizer);
  }

  /** Masks what the session's rules and the built-in ones name. */
  get sanitizer(): Sanitizer {
    return this.#sanitizer;
  }

  /** Captures this from now on, and masks by the rules in it. Answers why it can't, or null. */
  useCapture(capture: Capture, keyNames: readonly string[]): string | null {
    const sanitizer = sessionSanitizer(capture.redact, keyNames);
    if (typeof sanitizer === 'string') return sanitizer;
    this.capture = capture;
    this.#sanitizer = sanitizer;
    return null;
  }

  /** Masks the values of these names as well from now on. */
  useKeyNames(names: readonly string[]): void {
    const sanitizer = sessionSanitizer(this.capture.redact, names);
    if (typeof sanitizer !== 'string') this.#sanitizer = sanitizer;
  }

  /** Whether it wants more of a trace than its spans as they are for everybody. */
  get wantsDetails(): boolean {
    const { logs, headers, bodies, redact } = this.capture;
    return logs !== false || headers || bodies || redact.length > 0;
  }

  /** Whether nothing of it is on its way any more. */
  get isSettled(): boolean {
    return this.pending === 0 && this.pendingLogs === 0;
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
