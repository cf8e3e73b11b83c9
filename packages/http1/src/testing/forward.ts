import type { Headers } from '../headers.ts';
import { isHopByHop } from '../headers.ts';
import type { ServerExchange } from '../server-exchange.ts';
import type { UpstreamConnection } from '../upstream-connection.ts';
import type { UpstreamPool } from '../upstream-pool.ts';
import type { UpstreamTarget } from '../upstream-target.ts';

const TIMEOUTS = { sendMs: 15_000, readMs: 15_000 };

/**
 * Passes a request on and its answer back, with back-pressure both ways, as a gateway does: what is lost on one side is given up
 * on the other. An upstream that fails before it answers is told with 502 and the kind of its error. `over` is called once,
 * with how it ended: `flushed` or why not.
 */
export function forward(
  exchange: ServerExchange,
  pool: UpstreamPool,
  target: UpstreamTarget,
  over: (how: string) => void,
): void {
  const { head } = exchange;
  let upstream: UpstreamConnection | null = null;
  let isOver = false;
  const waiting: Buffer[] = [];
  let isRequestComplete = false;
  const chunked = head.contentLength < 0;
  const endRequest = () => upstream?.end(linesOf(exchange.trailers, undefined));
  const finish = (how: string) => {
    isOver = true;
    over(how);
  };
  const fail = (kind: string) => {
    upstream = null;
    if (isOver) return;
    if (exchange.isResponseStarted) {
      exchange.abort();
      return;
    }
    exchange.start(502, 'Bad Gateway', '', kind.length);
    exchange.write(Buffer.from(kind));
    exchange.end();
  };
  const giveUp = pool.connect(target, TIMEOUTS.readMs, {
    onConnectFailed: (error) => fail(error.kind),
    onConnected: (connection) => {
      if (isOver) {
        connection.abort();
        return;
      }
      upstream = connection;
      const fields = linesOf(head.headers, head.connection);
      const framing = chunked
        ? 'Transfer-Encoding: chunked\r\n'
        : exchange.hasBody
          ? `Content-Length: ${head.contentLength}\r\n`
          : '';
      const request = {
        method: head.method,
        head: `${head.method} ${head.target} HTTP/1.1\r\n${fields}${framing}\r\n`,
        hasBody: exchange.hasBody,
        chunked,
        upgrade: false,
      };
      connection.send(
        {
          onInterim: () => {},
          onResponse: (response) => {
            const length = response.headers.get('content-length');
            const { status, reason, headers, contentLength } = response;
            const bodyBytes = length === undefined ? contentLength : Number(length);
            exchange.start(
              status,
              reason,
              linesOf(headers, response.connection),
              bodyBytes < 0 ? 'unknown' : bodyBytes,
            );
          },
          onResponseData: (chunk) => {
            if (!exchange.write(chunk)) connection.pause();
          },
          onResponseEnd: (trailers) => {
            upstream = null;
            if (!isOver) exchange.end(linesOf(trailers, undefined));
          },
          onUpgrade: () => fail('upgrade'),
          onUpstreamDrain: () => exchange.resume(),
          onError: (error) => fail(error.kind),
        },
        request,
        TIMEOUTS,
      );
      for (const chunk of waiting) if (!connection.write(chunk)) exchange.pause();
      if (isRequestComplete && exchange.hasBody) endRequest();
    },
  });
  exchange.listener = {
    onRequestData: (chunk) => {
      if (upstream === null) waiting.push(Buffer.from(chunk));
      else if (!upstream.write(chunk)) exchange.pause();
    },
    onRequestEnd: () => {
      isRequestComplete = true;
      if (exchange.hasBody) endRequest();
    },
    onDrain: () => upstream?.resume(),
    onFlushed: () => finish('flushed'),
    onClosed: (reason) => {
      const lost = upstream;
      upstream = null;
      finish(reason);
      if (lost === null) giveUp?.();
      else lost.abort();
    },
  };
  exchange.readBody();
}

/** Field lines to pass on; lengths and codings are written anew. */
function linesOf(headers: Headers | null, connection: string | undefined): string {
  let lines = '';
  for (const [index, name] of headers?.names.entries() ?? []) {
    const lower = headers!.lowerNames[index]!;
    if (!isHopByHop(lower, connection) && lower !== 'content-length')
      lines += `${name}: ${headers!.values[index]}\r\n`;
  }
  return lines;
}
