import type { ExchangeOutcome } from '../pipeline/exchange.ts';
import { wallOffset } from '../tracing/wall-offset.ts';
import type { RequestRun } from './request-run.ts';

/** What became of a request that is over. */
export function outcomeOf(run: RequestRun): ExchangeOutcome {
  const { upstream, startMs, endMs, exchange } = run;
  const times = upstream?.times ?? null;
  const hasAnswer = times !== null && !Number.isNaN(times.headersMs);
  const lastMs = times === null || Number.isNaN(times.lastByteMs) ? endMs : times.lastByteMs;
  const isUpstreams = exchange.response !== null && !exchange.response.isOwn;
  return {
    startedAtMs: startMs + wallOffset(),
    totalMs: endMs - startMs,
    upstreamMs: hasAnswer ? times.headersMs - upstream!.sentMs : null,
    receiveMs: hasAnswer ? Math.max(0, lastMs - times.headersMs) : null,
    status: run.status,
    upstreamStatus: run.upstreamStatus,
    responseHeaders: run.responseHeaders,
    requestBytes: run.requestHeadBytes + run.requestBodyBytes,
    responseBytes: run.responseHeadBytes + run.responseBodyBytes,
    source: isUpstreams ? 'upstream' : run.failure === null ? 'exit' : 'error',
    target: upstream?.target ?? null,
    tls: run.connection.tls,
    serverPort: run.connection.localPort,
  };
}
