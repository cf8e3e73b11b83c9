import { isDeepStrictEqual } from 'node:util';
import type { LogLevel } from '@gatescope/base';
import { levelRank } from '@gatescope/base';
import { MATCH, NO_MATCH, NOT_YET, type Verdict } from '@gatescope/expressions';
import type { DesiredSession, SessionCounts, SyncSessionsResult } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import type { CaptureMemory } from '../capture/capture-memory.ts';
import type { DetailQueue } from '../capture/detail-queue.ts';
import { PayloadCapture } from '../capture/payload-capture.ts';
import type { DebugLog } from '../logging/request-log.ts';
import { RequestLog } from '../logging/request-log.ts';
import type { SpanSink } from '../pipeline/plugin.ts';
import { ArmedSession } from './armed-session.ts';
import { encodeTrace, type TraceEncoding } from './encode-trace.ts';
import { observeIo } from './io/io-observer.ts';
import { type Masking, SecretMasking } from './masking.ts';
import { RequestFacts } from './request-facts.ts';
import { RequestRecord } from './request-record.ts';
import type { TraceExporter } from './trace-exporter.ts';
import { TraceShapes } from './trace-shapes.ts';
import { STAGE, type TracedRequest } from './traced-request.ts';
import type { Tracer } from './tracer.ts';
import { wallOffset } from './wall-offset.ts';

/** Sessions armed at once on a node: one bit each in a record. */
export const ARMED_SESSIONS_MAX = 30;

/** Stands for whoever may take a request's spans, until its route is known. */
const UNDECIDED: SpanSink = { wants: () => false, take: () => undefined };

export interface SessionTracerParts {
  readonly exporter: TraceExporter;
  readonly details: DetailQueue;
  readonly memory: CaptureMemory;
  /** The node's own log, where it takes lines of level debug. */
  readonly ownDebug: DebugLog | null;
  /** Told of the sessions that are armed whenever they change. */
  onSessions(sessions: readonly ArmedSession[]): void;
}

/** Decides which requests are recorded and which of those are kept, for the sessions that are armed. */
export class SessionTracer implements Tracer {
  readonly #exporter: TraceExporter;
  readonly #details: DetailQueue;
  readonly #onSessions: (sessions: readonly ArmedSession[]) => void;
  readonly #ownDebug: DebugLog | null;
  readonly #memory: CaptureMemory;
  readonly #facts = new RequestFacts();
  readonly #shapes = new TraceShapes();
  /** By bit; null: free. A session keeps its bit while it is armed. */
  readonly #armed: (ArmedSession | null)[] = new Array<ArmedSession | null>(ARMED_SESSIONS_MAX).fill(null);
  #disarmed: ArmedSession[] = [];
  /** Requests that are over, in the order in which they ended; empty between two turns. */
  #finished: { readonly record: RequestRecord; readonly request: TracedRequest }[] = [];
  /** Of the requests that are being decided. */
  #wallOffsetMs = 0;
  /** Stands for the record of a request that may need none. */
  readonly #probe = new RequestRecord();
  #mask = 0;
  #hasSinks = false;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;
  isArmed = false;
  /** Bits of the sessions that capture log lines, and the lowest level of any. */
  #logMask = 0;
  #leastLevel: LogLevel = 'emerg';
  /** Bits of the sessions that capture headers or bodies, and the most bytes of a body that any wants. */
  #payloadMask = 0;
  #bodyBytesMax = 0;
  #keyNames: readonly string[] = [];
  #masking: Masking = new SecretMasking(createSanitizer(), false);

  constructor({ exporter, details, memory, ownDebug, onSessions }: SessionTracerParts) {
    this.#exporter = exporter;
    this.#details = details;
    this.#memory = memory;
    this.#ownDebug = ownDebug;
    this.#onSessions = onSessions;
  }

  /** The names that keys are taken from in the configuration in force: their values are masked. */
  useKeyNames(names: readonly string[]): void {
    this.#keyNames = names;
    this.#masking = new SecretMasking(createSanitizer({ keyNames: names }), false);
    this.#shapes.clear();
    for (const session of this.#armed) session?.useKeyNames(names);
  }

  /** Whether a plugin of the configuration in force takes spans: requests are recorded for it without a session, too. */
  useSinks(wanted: boolean): void {
    if (this.#hasSinks === wanted) return;
    this.#hasSinks = wanted;
    this.#update();
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

  begin(request: TracedRequest, stage: number): RequestRecord | null {
    const nowMs = performance.now();
    if (nowMs >= this.#nextDeadlineMs) this.#expire(nowMs);
    const probe = this.#probe;
    probe.candidates = this.#mask;
    probe.beganMs = nowMs;
    const isWanted = this.#ask(probe, request, stage);
    const sink = this.#hasSinks ? this.#sinkOf(request, stage) : null;
    const record =
      isWanted || sink !== null
        ? RequestRecord.take(request.startMs, request.requestHeaders.get('traceparent'))
        : null;
    if (record !== null) {
      record.candidates = probe.candidates;
      record.decided = probe.decided;
      record.matched = probe.matched;
      record.sink = sink;
      record.askedStage = stage;
      record.requestHeaders = probe.requestHeaders;
      record.beganMs = nowMs;
      if ((record.candidates & this.#logMask) !== 0)
        record.log = new RequestLog(this.#leastLevel, this.#ownDebug);
      if ((record.candidates & this.#payloadMask) !== 0) {
        record.payload = new PayloadCapture({ bodyBytesMax: this.#bodyBytesMax, memory: this.#memory });
        record.payload.clientHead(request.requestHeaders);
      }
    }
    probe.decided = 0;
    probe.matched = 0;
    probe.askedStage = -1;
    probe.requestHeaders = null;
    return record;
  }

  keep(record: RequestRecord, request: TracedRequest, stage: number): boolean {
    if (record.sink === UNDECIDED && stage >= STAGE.route) record.sink = this.#sinkOf(request, stage);
    if (!this.#ask(record, request, stage) && record.sink === null) {
      record.release();
      return false;
    }
    const { candidates } = record;
    if (record.log !== null && (candidates & this.#logMask) === 0) record.log = null;
    if (record.payload !== null && (candidates & this.#payloadMask) === 0) record.dropPayload();
    return true;
  }

  /** Who takes the request's spans whatever sessions want; which of several can be told once there is a route. */
  #sinkOf(request: TracedRequest, stage: number): SpanSink | null {
    if (stage < STAGE.route) return UNDECIDED;
    const { spanSink } = request;
    try {
      return spanSink?.wants(request.requestHeaders) === true ? spanSink : null;
    } catch {
      return null;
    }
  }

  /** Asks the rules of those that may want a request; false when none does. */
  #ask(record: RequestRecord, request: TracedRequest, stage: number): boolean {
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
    // No plugin has run when rules are asked for the first time.
    if (record.askedStage < 0 && keepsHeaders && candidates !== 0)
      record.requestHeaders = request.requestHeaders.clone();
    record.askedStage = stage;
    return candidates !== 0;
  }

  finish(record: RequestRecord, request: TracedRequest): void {
    if (this.#finished.length === 0) process.nextTick(this.#settle);
    this.#finished.push({ record, request });
  }

  /**
   * Deciding and encoding come behind all answers that a turn of the event loop sends: between two writes they would let the peer that the first
   * has woken fall asleep again, which costs more than they do.
   */
  readonly #settle = (): void => {
    const finished = this.#finished;
    this.#finished = [];
    this.#wallOffsetMs = wallOffset();
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
    if (wanted.length > 0 && this.#exporter.isFull) {
      for (const session of wanted) session.drop('queue_full');
      wanted.length = 0;
    }
    const { sink } = record;
    if (wanted.length > 0 || sink !== null) {
      const facts = this.#facts.of(record, request);
      if (sink !== null) this.#giveTo(sink, facts);
      if (wanted.length > 0) this.#hand(facts, wanted);
    }
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
      disarmed: session.isSettled,
      pending: session.pending,
    }));
    this.#disarmed = this.#disarmed.filter((session) => !session.isSettled);
    return [...live, ...gone];
  }

  /** The worker ends: nothing is watched any more. */
  close(): void {
    observeIo(this, false);
  }

  #hand(facts: RequestFacts, wanted: readonly ArmedSession[]): void {
    let detailed: ArmedSession[] | null = null;
    for (const session of wanted) {
      session.budget--;
      session.pending++;
      if (session.wantsDetails) (detailed ??= []).push(session);
    }
    const plain = detailed === null ? wanted : wanted.filter((session) => !session.wantsDetails);
    if (plain.length > 0) {
      const ids = plain.map((session) => session.id);
      const trace = this.#shapes.encode(facts, this.#encoding(facts, ids, this.#masking));
      this.#exporter.push(trace, plain, facts.record.spanCount);
    }
    if (detailed !== null) this.#handDetails(facts, detailed);
  }

  /** What these sessions want besides spans is looked through before it is sent, each with its own rules. */
  #handDetails(facts: RequestFacts, sessions: readonly ArmedSession[]): void {
    const { record, request } = facts;
    const { payload, log } = record;
    record.payload = null;
    payload?.share(sessions.length);
    const { traceId } = record;
    const lines = log?.lines ?? [];
    const spanIds = lines.map(({ span }) => record.spanIdOf(span));
    for (const session of sessions) {
      if (log !== null && log.dropped > 0) session.drop('log_lines_of_request', log.dropped);
      this.#details.add({
        session,
        scopeSpans: Buffer.from(this.#encoded(facts, [session.id], this.#maskingOf(session))),
        spans: record.spanCount,
        traceId,
        lines,
        spanIds,
        payload,
        query: request.query,
        wallOffsetMs: this.#wallOffsetMs,
      });
    }
  }

  #encoded(facts: RequestFacts, sessionIds: readonly string[], masking: Masking): Uint8Array {
    return encodeTrace(facts.record, this.#encoding(facts, sessionIds, masking));
  }

  #encoding(facts: RequestFacts, sessionIds: readonly string[], masking: Masking): TraceEncoding {
    return { sessionIds, wallOffsetMs: this.#wallOffsetMs, facts, masking };
  }

  /** A plugin that can't take a trace does not keep sessions from theirs. */
  #giveTo(sink: SpanSink, facts: RequestFacts): void {
    try {
      sink.take(this.#encoded(facts, [], this.#masking));
    } catch {
      // It is the plugin that counts what it loses.
    }
  }

  #maskingOf({ capture, sanitizer }: ArmedSession): Masking {
    return capture.redact.length === 0 ? this.#masking : new SecretMasking(sanitizer, true);
  }

  #arm(desired: DesiredSession): string | null {
    const known = this.#armed.find(
      (session) => session?.id === desired.id && session.ruleText === desired.rule,
    );
    if (known) {
      known.deadlineMs = performance.now() + desired.remaining_ms;
      known.budget = Math.max(0, desired.remaining_traces - known.pending);
      known.rate = desired.rate;
      return isDeepStrictEqual(known.capture, desired.capture)
        ? null
        : known.useCapture(desired.capture, this.#keyNames);
    }
    const bit = this.#armed.indexOf(null);
    if (bit < 0) return `no more than ${ARMED_SESSIONS_MAX} sessions can be armed on one node`;
    if (desired.remaining_ms <= 0) return 'the session is over';
    const armed = ArmedSession.arm(desired, this.#keyNames);
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
    this.#logMask = 0;
    this.#leastLevel = 'emerg';
    this.#payloadMask = 0;
    this.#bodyBytesMax = 0;
    this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
    this.#armed.forEach((session, bit) => {
      if (session === null) return;
      this.#mask |= 1 << bit;
      this.#noteCapture(session, 1 << bit);
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, session.deadlineMs);
    });
    this.isArmed = this.#mask !== 0 || this.#hasSinks;
    observeIo(this, this.isArmed);
    this.#onSessions(this.#armed.filter((session) => session !== null));
  }

  #noteCapture({ capture }: ArmedSession, bit: number): void {
    if (capture.logs !== false) {
      this.#logMask |= bit;
      if (levelRank(capture.logs) < levelRank(this.#leastLevel)) this.#leastLevel = capture.logs;
    }
    if (!capture.headers && !capture.bodies) return;
    this.#payloadMask |= bit;
    if (capture.bodies) this.#bodyBytesMax = Math.max(this.#bodyBytesMax, capture.body_bytes_max);
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
