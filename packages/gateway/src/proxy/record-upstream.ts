import type { ResponseHead, UpstreamTarget, UpstreamTimes } from '@gatescope/http1';
import type { RouteMatch } from '../router/router.ts';
import type { RequestRecord } from '../tracing/request-record.ts';
import { attribute, SPAN } from '../tracing/span-kinds.ts';
import type { DnsAnswer } from '../upstream/dns/dns-answer.ts';

const A = {
  matched: attribute('proxy.kong.router.matched'),
  routeId: attribute('proxy.kong.router.route_id'),
  serviceId: attribute('proxy.kong.router.service_id'),
  upstreamPath: attribute('proxy.kong.router.upstream_path'),
  cacheHit: attribute('proxy.kong.router.cache_hit'),
  algorithm: attribute('proxy.kong.upstream.lb_algorithm'),
  dnsEntry: attribute('proxy.kong.dns.entry'),
  peerAddress: attribute('network.peer.address'),
  peerName: attribute('network.peer.name'),
  peerPort: attribute('network.peer.port'),
  tryCount: attribute('try_count'),
};

/** Notes the choice of the route and answers its span; `startMs` is when it began. */
export function recordRouter(
  record: RequestRecord,
  startMs: number,
  endMs: number,
  match: RouteMatch | null,
  cacheHit: boolean,
): number {
  const span = record.add(SPAN.router, 0, startMs, endMs);
  record.set(span, A.matched, match !== null);
  if (match !== null) {
    record.set(span, A.routeId, match.route.id);
    if (match.service !== null) record.set(span, A.serviceId, match.service.id);
    record.set(span, A.upstreamPath, match.upstreamPath);
  }
  record.set(span, A.cacheHit, cacheHit);
  return span;
}

/** Begins the selection of an upstream and answers its span. */
export function openSelection(record: RequestRecord, algorithm: string): number {
  const span = record.open(SPAN.selection, 0, performance.now());
  record.set(span, A.algorithm, algorithm);
  return span;
}

/** Notes a look-up of a name, where there was one. */
export function recordDns(
  record: RequestRecord,
  selectionSpan: number,
  startMs: number,
  answer: DnsAnswer,
): void {
  if (answer.attempts.length === 0) return;
  const span = record.add(SPAN.dns, selectionSpan, startMs, performance.now());
  record.set(span, A.dnsEntry, answer.attempts as unknown as Record<string, string>[]);
  if (answer.error !== null) record.fail(span, answer.error);
}

/** Begins an attempt and answers its span; `tryCount` is 1 for the first, `name` what the target's address was found by. */
export function openAttempt(
  record: RequestRecord,
  selectionSpan: number,
  target: UpstreamTarget,
  name: string,
  tryCount: number,
): number {
  const span = record.open(SPAN.findUpstream, selectionSpan, performance.now());
  record.set(span, A.peerAddress, target.address);
  record.set(span, A.peerName, name);
  record.set(span, A.peerPort, target.port);
  record.set(span, A.tryCount, tryCount);
  return span;
}

/** Notes the last try's sending and reading; `head` is null where no answer came. */
export function recordTry(
  record: RequestRecord,
  times: UpstreamTimes,
  head: ResponseHead | null,
  endMs: number,
): void {
  const sentMs = Number.isNaN(times.requestFlushedMs) ? endMs : times.requestFlushedMs;
  record.add(SPAN.sendRequest, 0, times.startedMs, sentMs);
  if (Number.isNaN(times.requestFlushedMs) && Number.isNaN(times.headersMs)) return;
  const headersMs = Number.isNaN(times.headersMs) ? endMs : times.headersMs;
  record.add(SPAN.readUpstreamHeaders, 0, Math.min(sentMs, headersMs), headersMs);
  if (head === null || head.framing === 'none') return;
  const bodyEndMs = Number.isNaN(times.lastByteMs) ? endMs : times.lastByteMs;
  record.add(SPAN.readUpstreamBody, 0, headersMs, bodyEndMs);
}

/** A try that got as far as sending and then failed keeps its spans; the last of them says why. */
export function recordAbandonedTry(
  record: RequestRecord,
  times: UpstreamTimes,
  head: ResponseHead | null,
  message: string,
  nowMs: number,
): void {
  const isAnswered = !Number.isNaN(times.headersMs);
  const sentMs = Number.isNaN(times.requestFlushedMs) ? nowMs : times.requestFlushedMs;
  const send = record.add(SPAN.sendRequest, 0, times.startedMs, sentMs);
  if (Number.isNaN(times.requestFlushedMs) && !isAnswered) {
    record.fail(send, message);
    return;
  }
  const headersMs = isAnswered ? times.headersMs : nowMs;
  const read = record.add(SPAN.readUpstreamHeaders, 0, Math.min(sentMs, headersMs), headersMs);
  // An answer that was not taken for its status has a head alone here.
  if (head === null) record.fail(read, message);
  else record.fail(record.add(SPAN.readUpstreamBody, 0, headersMs, nowMs), message);
}
