import { MATCH, NO_MATCH, NOT_YET, type Verdict } from '@gatescope/expressions';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import { ArmedSession } from './armed-session.ts';
import { encodeTrace } from './encode-trace.ts';
import { recordRoot } from './record-root.ts';
import { RequestFacts } from './request-facts.ts';
import { RequestRecord } from './request-record.ts';
import type { TraceExporter } from './trace-exporter.ts';
import { STAGE, type TracedRequest } from './traced-request.ts';
import type { Tracer } from './tracer.ts';

/** Sessions armed at once on a node: one bit each in a record. */
export const ARMED_SESSIONS_MAX = 30;

/** Decides which requests are recorded and which of those are kept, for the sessions that are armed. */
export class SessionTracer implements Tracer {
  readonly #exporter: TraceExporter;
  readonly #facts = new RequestFacts();
  /** By bit; null: free. A session keeps its bit while it is armed. */
  readonly #armed: (ArmedSession | null)[] = new Array<ArmedSession | null>(ARMED_SESSIONS_MAX).fill(null);
  #disarmed: ArmedSession[] = [];
  /** Requests that are over, in the order in which they ended; empty between two turns. */
  #finished: { readonly record: RequestRecord; readonly request: TracedRequest }[] = [];
  #mask = 0;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;
  isArmed = false;

  constructor(exporter: TraceExporter) {
    this.#exporter = exporter;
  }

  /** Makes the armed sessions what is desired, and says of each whether it is. Sessions that stay keep their counts. */
  sync(desired: readonly DesiredSession[]): SyncSessionsResult['sessions'] {
    for (let bit = 0; bit < ARMED_SESSIONS_MAX; bit++) {
      const session = this.#armed[bit];
      if (session !== null && session !== undefined && !desired.some((one) => one.id === session.id))
        this.#disarm(bit);
    }
    const states = desired.map((one): SyncSessionsResult['sessions'][number] => {
      const reason = this.#arm(one);
      return { id: one.id, state: reason === null ? 'armed' : 'refused', reason };
    });
    this.#update();
    return states;
  }

  begin(request: TracedRequest): RequestRecord | null {
    const nowMs = performance.now();
    if (nowMs >= this.#nextDeadlineMs) this.#expire(nowMs);
    if (this.#mask === 0) return null;
    const record = RequestRecord.take(request.startMs, request.requestHeaders.get('traceparent'));
    record.candidates = this.#mask;
    record.beganMs = nowMs;
    return record;
  }

  keep(record: RequestRecord, request: TracedRequest, stage: number): boolean {
    const facts = this.#facts.of(record, request);
    let { candidates } = record;
    let keepsHeaders = false;
    for (let bit = 0; candidates >>> bit !== 0; bit++) {
      if ((candidates & (1 << bit)) === 0) continue;
      const session = this.#armed[bit];
      // A bit may have been given to another session while the request was under way.
      if (session === null || session === undefined || session.armedMs > record.beganMs) {
        candidates &= ~(1 << bit);
        continue;
      }
      if ((record.decided & (1 << bit)) !== 0) continue;
      if (session.budget <= 0) {
        candidates &= ~(1 << bit);
        session.counts.seen++;
        continue;
      }
      const inScope = stage < STAGE.route || session.wants(request.service?.id, request.route?.id);
      const verdict = inScope ? verdictOf(session, 1 << bit, stage, facts) : NO_MATCH;
      if (verdict === NO_MATCH) {
        candidates &= ~(1 << bit);
        session.counts.seen++;
      } else if (verdict === MATCH && stage >= STAGE.route) record.decided |= 1 << bit;
      else keepsHeaders ||= session.keepsHeaders;
    }
    record.candidates = candidates;
    record.askedStage = stage;
    if (stage === STAGE.request && keepsHeaders && candidates !== 0)
      record.requestHeaders = request.requestHeaders.clone();
    if (candidates !== 0) return true;
    record.release();
    return false;
  }

  finish(record: RequestRecord, request: TracedRequest): void {
    if (this.#finished.length === 0) queueMicrotask(this.#settle);
    this.#finished.push({ record, request });
  }

  /**
   * Deciding and encoding come behind all answers that a turn of the event loop sends: between two writes they would let the peer that the first
   * has woken fall asleep again, which costs more than they do.
   */
  readonly #settle = (): void => {
    const finished = this.#finished;
    this.#finished = [];
    for (const { record, request } of finished) this.#decide(record, request);
  };

  #decide(record: RequestRecord, request: TracedRequest): void {
    if (!this.keep(record, request, STAGE.end)) return;
    const wanted: ArmedSession[] = [];
    for (let bit = 0; record.candidates >>> bit !== 0; bit++) {
      const session = (record.candidates & (1 << bit)) === 0 ? null : this.#armed[bit];
      if (session === null || session === undefined) continue;
      session.counts.seen++;
      session.counts.matched++;
      if (session.rate < 1 && Math.random() >= session.rate) session.drop('rate');
      else if (session.budget > 0) wanted.push(session);
    }
    if (wanted.length > 0) this.#hand(record, request, wanted);
    record.release();
  }

  /** Counts of every session since it was armed here. A disarmed one is told until the last of its traces has been settled. */
  counts(): { id: string; counts: SessionCounts; disarmed: boolean; pending: number }[] {
    if (performance.now() >= this.#nextDeadlineMs) this.#expire(performance.now());
    const live = this.#armed
      .filter((session) => session !== null)
      .map((session) => ({
        id: session.id,
        counts: session.counts,
        disarmed: false,
        pending: session.pending,
      }));
    const gone = this.#disarmed.map((session) => ({
      id: session.id,
      counts: session.counts,
      disarmed: session.pending === 0,
      pending: session.pending,
    }));
    this.#disarmed = this.#disarmed.filter((session) => session.pending > 0);
    return [...live, ...gone];
  }

  #hand(record: RequestRecord, request: TracedRequest, wanted: readonly ArmedSession[]): void {
    if (this.#exporter.isFull) {
      for (const session of wanted) session.drop('queue_full');
      return;
    }
    recordRoot(this.#facts.of(record, request));
    const bytes = encodeTrace(
      record,
      wanted.map((session) => session.id),
      wallOffset(),
    );
    for (const session of wanted) {
      session.budget--;
      session.pending++;
    }
    this.#exporter.push(bytes, { sessions: wanted, spans: record.spanCount });
  }

  #arm(desired: DesiredSession): string | null {
    const known = this.#armed.find(
      (session) => session?.id === desired.id && session.ruleText === desired.rule,
    );
    if (known) {
      known.deadlineMs = performance.now() + desired.remaining_ms;
      known.budget = Math.max(0, desired.remaining_traces - known.pending);
      known.rate = desired.rate;
      return null;
    }
    const bit = this.#armed.indexOf(null);
    if (bit < 0) return `no more than ${ARMED_SESSIONS_MAX} sessions can be armed on one node`;
    if (desired.remaining_ms <= 0) return 'the session is over';
    const armed = ArmedSession.arm(desired);
    if (typeof armed === 'string') return armed;
    this.#armed[bit] = armed;
    return null;
  }

  #disarm(bit: number): void {
    const session = this.#armed[bit];
    if (session) this.#disarmed.push(session);
    this.#armed[bit] = null;
  }

  #expire(nowMs: number): void {
    for (let bit = 0; bit < ARMED_SESSIONS_MAX; bit++) {
      const session = this.#armed[bit];
      if (session && session.deadlineMs <= nowMs) this.#disarm(bit);
    }
    this.#update();
  }

  #update(): void {
    this.#mask = 0;
    this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
    this.#armed.forEach((session, bit) => {
      if (session === null) return;
      this.#mask |= 1 << bit;
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, session.deadlineMs);
    });
    this.isArmed = this.#mask !== 0;
  }
}

/** What a session's rule says at a stage; a match is remembered, and a rule that has learnt nothing is not asked again. */
function verdictOf(session: ArmedSession, bit: number, stage: number, facts: RequestFacts): Verdict {
  const { record } = facts;
  const { rule } = session;
  if (rule === null) return stage < STAGE.route ? NOT_YET : MATCH;
  if ((record.matched & bit) !== 0) return MATCH;
  if (!rule.learnsSince(record.askedStage, stage)) return NOT_YET;
  const verdict = rule.evaluate(stage, facts);
  if (verdict === MATCH) record.matched |= bit;
  return verdict;
}

/** How far the wall clock may run from the monotonic one before the difference is taken anew, milliseconds. */
const WALL_DRIFT_MS = 2;
let offsetMs = performance.timeOrigin;

/** What has to be added to performance.now() to get wall time. */
function wallOffset(): number {
  const drift = Date.now() - (offsetMs + performance.now());
  if (Math.abs(drift) > WALL_DRIFT_MS) offsetMs += drift;
  return offsetMs;
}
