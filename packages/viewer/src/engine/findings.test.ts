import type { TraceSummary } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { endingOf, type TraceReading } from './ending.ts';
import { findingsOf } from './findings.ts';
import { type SessionMedian, sessionMedian } from './session-median.ts';
import type { SpanFacts } from './span-facts.ts';
import { sampleSummary, sampleTrace } from './testing/sample-trace.ts';
import { transactionOf } from './transaction.ts';

function reading(
  drawing: string,
  summary: Partial<TraceSummary>,
  attributes: Readonly<Record<number, SpanFacts['attributes']>> = {},
): TraceReading {
  const model = sampleTrace(drawing, summary);
  const factsOf = (row: number): SpanFacts | null =>
    attributes[row] === undefined
      ? null
      : { span_id: '', kind: 'INTERNAL', status_message: '', attributes: attributes[row], events: [] };
  return { model, summary: model.skeleton.summary, transaction: transactionOf(model, factsOf), factsOf };
}

const PROXIED = `
  kong 0+1000
    kong.router 1+2
    kong.phase.access 10+100
      kong.access.plugin.pre-function 11+90
    kong.upstream.selection 120+10
      kong.upstream.find_upstream 121+9
    kong.read_headers_from_upstream 140+800
    kong.wait_for_client_read 950+50
`;
const PEER = { 'network.peer.address': '10.0.0.9' };
const TIMES = { duration_ms: 1, gateway_ms: 0.14, upstream_ms: 0.82, client_ms: 0.05, io_ms: 0 };

describe('endingOf()', () => {
  it('names the upstream, and a status the client got instead', () => {
    expect(endingOf(reading(PROXIED, TIMES))).toEqual({
      by: 'upstream',
      text: 'The upstream answered 200.',
      row: 6,
      tellsError: false,
    });
    expect(endingOf(reading(PROXIED, { ...TIMES, status_code: 502 })).text).toBe(
      'The upstream answered 200; the client got 502.',
    );
  });

  it('names the plugin, its phase, and that nobody was asked', () => {
    const exited = reading(
      'kong 0+100\n  kong.phase.access 1+9\n    kong.access.plugin.key-auth 2+5 !',
      { exited_by: 'key-auth', status_code: 401, upstream_status_code: null, error: 'exited with 401' },
      { 2: { 'proxy.kong.plugin.exit_status': 401 } },
    );
    expect(endingOf(exited)).toEqual({
      by: 'plugin',
      text: 'key-auth ended the request in the access phase with 401. The upstream was not asked.',
      row: 2,
      tellsError: true,
    });
    expect(findingsOf(exited).some((finding) => finding.kind === 'error')).toBe(false);
  });

  it('names the plugin also where attributes are not loaded', () => {
    const exited = reading('kong 0+100', { exited_by: 'acl', status_code: 403, upstream_status_code: null });
    expect(endingOf(exited)).toMatchObject({
      text: 'acl ended the request with 403. The upstream was not asked.',
      row: null,
    });
  });

  it('names the client that left', () => {
    expect(endingOf(reading(PROXIED, { status_code: 499, upstream_status_code: null })).by).toBe('client');
  });

  it('says that no route matched', () => {
    const lost = reading(
      'kong 0+10\n  kong.router 1+2',
      { status_code: 404, upstream_status_code: null, route: null },
      { 1: { 'proxy.kong.router.matched': false } },
    );
    expect(endingOf(lost)).toMatchObject({
      by: 'gateway',
      text: 'No route matched; the gateway answered 404.',
      row: 1,
    });
  });

  it('tells the gateway’s error, and shows where it happened', () => {
    const refused = reading(
      'kong 0+100 !\n  kong.upstream.selection 1+50 !\n    kong.upstream.find_upstream 2+40 !',
      { status_code: 502, upstream_status_code: null, error: 'connection refused' },
    );
    expect(endingOf(refused)).toEqual({
      by: 'gateway',
      text: 'The gateway answered 502: connection refused.',
      row: 1,
      tellsError: true,
    });
  });
});

/** Findings as lines: kind, tone, text, evidence, and the row that shows it. */
function told(given: TraceReading, median: SessionMedian | null = null): string[] {
  return findingsOf(given, median).map(
    ({ kind, tone, text, evidence, row }) =>
      `${kind} ${tone}: ${text}${evidence === '' ? '' : ` (${evidence})`} @${row}`,
  );
}

/** A request whose body took the client so long; 30 % of the whole where nothing else is said. */
function uploaded(ms: number, share = 0.3): TraceReading {
  const [all, body] = [(ms / share) * 1e3, ms * 1e3];
  return reading(
    `kong 0+${all}\n  kong.read_client_http_body 0+${body}\n  kong.upstream.selection ${body}+9\n    kong.upstream.find_upstream ${body}+9\n  kong.read_headers_from_upstream ${body + 10}+${all - body - 10}`,
    { duration_ms: ms / share, client_ms: ms, upstream_ms: ms / share - ms - 0.01, gateway_ms: 0 },
  );
}

describe('findingsOf()', () => {
  it('begins with the bottleneck, then what the gateway spent', () => {
    expect(told(reading(PROXIED, TIMES))).toEqual([
      'bottleneck info: Waiting for the upstream’s answer took 80 % of the time. (800 µs of 1 ms) @6',
      'gateway info: pre-function in access took 9 % of the time. (90 µs of 1 ms; 64 % of gateway time) @3',
    ]);
  });

  it('names the plugin where the gateway is the bottleneck', () => {
    const slow = reading(
      'kong 0+1000\n  kong.phase.access 10+900\n    kong.access.plugin.pre-function 11+890\n    kong.access.plugin.cors 902+5\n  kong.upstream.selection 920+5\n    kong.upstream.find_upstream 920+5',
      { ...TIMES, gateway_ms: 0.95, upstream_ms: 0 },
    );
    expect(findingsOf(slow)).toEqual([
      {
        ...{ kind: 'bottleneck', tone: 'warn', row: 2, share: 0.89 },
        text: 'pre-function in access took 89 % of the time.',
        evidence: '890 µs of 1 ms; 94 % of gateway time',
      },
    ]);
  });

  it('blames no plugin where none stands out, and says that nobody was asked', () => {
    const slow = reading('kong 0+1000\n  kong.router 1+2', {
      ...{ ...TIMES, gateway_ms: 0.95, upstream_ms: 0, upstream_status_code: null },
    });
    expect(told(slow)).toEqual([
      'not-asked warn: The upstream was not asked. (there is no kong.upstream.selection span) @0',
      'bottleneck info: The gateway itself took 95 % of the time; no plugin stands out. (950 µs of 1 ms) @0',
    ]);
  });

  it('names the I/O, its plugin and its peer', () => {
    const waiting = reading(
      'kong 0+1000\n  kong.phase.access 10+900\n    kong.access.plugin.oidc 11+890\n      kong.io.http.request 20+850',
      { ...TIMES, io_ms: 0.85, upstream_ms: 0 },
      { 3: { 'network.peer.address': '10.0.0.9' } },
    );
    expect(findingsOf(waiting)[0]!.text).toBe(
      'oidc in access waited 85 % of the time for I/O (http.request at 10.0.0.9).',
    );
  });

  it('names of several plugins that wait the one that waits longest, with no more than its own I/O', () => {
    const waiting = reading(
      [
        ...['kong 0+1000', '  kong.phase.access 10+900', '    kong.access.plugin.oidc 11+400'],
        ...['      kong.io.http.request 20+180', '      kong.io.http.request 210+190'],
        ...['    kong.access.plugin.stock 420+400', '      kong.io.http.request 430+250'],
      ].join('\n'),
      { ...TIMES, io_ms: 0.62, upstream_ms: 0 },
      { 4: { ...PEER, 'server.address': 'id.test' } },
    );
    expect(findingsOf(waiting)[0]).toEqual({
      ...{ kind: 'bottleneck', tone: 'warn', row: 4, share: 0.37 },
      text: 'oidc in access waited 37 % of the time for I/O (http.request at id.test).',
      evidence: '370 µs of 1 ms; 60 % of plugin I/O',
    });
  });

  it('tells I/O made over and over, by plugin and peer', () => {
    const calls = Array.from({ length: 4 }, (_, index) => `      kong.io.redis.get ${20 + 100 * index}+80`);
    const waiting = reading(
      [
        ...['kong 0+1000', '  kong.phase.access 10+900', '    kong.access.plugin.oidc 11+890', ...calls],
        '      kong.io.redis.get 500+1',
      ].join('\n'),
      { ...TIMES, io_ms: 0.32, upstream_ms: 0.3, exited_by: 'oidc' },
      { 3: PEER, 4: PEER, 5: PEER, 6: PEER },
    );
    expect(told(waiting).filter((line) => line.startsWith('repeated'))).toEqual([
      'repeated-io warn: The same I/O was made 4 times in one request (oidc in access: redis.get at 10.0.0.9). (4 calls, 320 µs together, 80 µs each) @3',
    ]);
  });

  it('tells errors first, counts attempts with why they failed, and what ran after the response', () => {
    const retried = reading(
      `
        kong 0+1000
          kong.upstream.selection 10+500
            kong.upstream.find_upstream 11+480 !
            kong.upstream.find_upstream 495+10
          kong.read_headers_from_upstream 520+100
          kong.phase.log 1000+300
            kong.log.plugin.http-log 1001+290
      `,
      { ...TIMES, error: 'connection refused' },
      { 2: { 'network.peer.address': '10.0.0.1', 'network.peer.port': 80 } },
    );
    expect(told(retried)).toEqual([
      'error danger: Connection refused. @2',
      'attempts danger: The upstream took 2 attempts, 1 failed. (10.0.0.1:80: failed after 480 µs) @2',
      'after info: The log phase worked another 300 µs after the response; the client did not wait for it. @5',
    ]);
  });

  it('says that every attempt failed', () => {
    const gone = reading(
      'kong 0+9000 !\n  kong.upstream.selection 1+50 !\n    kong.upstream.find_upstream 2+40 !',
      {
        ...{ status_code: 502, upstream_status_code: null, error: 'refused', duration_ms: 9 },
      },
    );
    expect(told(gone)[0]).toBe(
      'attempts danger: The one attempt to reach the upstream failed. (unknown target: failed after 40 µs) @2',
    );
  });

  it('tells a slow answer, lookup, handshake and client, and large bodies, each with its share', () => {
    const slow = reading(
      `
        kong 0+100000
          kong.tls_handshake 0+12000
          kong.read_client_http_headers 12000+1000
          kong.read_client_http_body 13000+20000
          kong.upstream.selection 33000+8000
            kong.dns 33000+6000
            kong.upstream.find_upstream 39000+2000
          kong.read_headers_from_upstream 41000+32000
          kong.read_body_from_upstream 73000+2000
          kong.wait_for_client_read 75000+25000
      `,
      { duration_ms: 100, client_ms: 58, upstream_ms: 42, gateway_ms: 0 },
      { 0: { 'http.response.body.size': 4_194_304, 'http.request.body.size': 10 } },
    );
    expect(told(slow)).toEqual([
      'bottleneck info: Waiting for the client to read the response took 25 % of the time. (25 ms of 100 ms) @9',
      'first-byte warn: The upstream took 32 ms to answer with its first byte. (32 ms of 100 ms) @7',
      'dns warn: Looking up a name took 6 ms. (6 ms of 100 ms) @5',
      'transfer info: The response body was 4.00 MiB. (1.95 GiB a second in 2 ms) @8',
      'handshake info: The TLS handshake took 12 % of the time; later requests on the connection are spared it. (12 ms of 100 ms) @1',
    ]);
  });

  it('tells a client that kept waiting where that is not the bottleneck already', () => {
    expect(told(uploaded(120)).at(-1)).toBe(
      'client warn: The client kept the gateway waiting for 30 % of the time, mostly by sending its body slowly. (120 ms of 400 ms) @1',
    );
  });

  it.each([99.9, 30, 1])('does not call a client slow for what any network takes: %d ms', (ms) => {
    expect(told(uploaded(ms)).filter((line) => line.startsWith('client'))).toEqual([]);
  });

  it('does not call a client slow for a small part of a long request', () => {
    expect(told(uploaded(150, 0.19)).filter((line) => line.startsWith('client'))).toEqual([]);
    expect(told(uploaded(150, 0.2)).filter((line) => line.startsWith('client'))).toHaveLength(1);
  });

  it('counts the time of calls that were under way at once but once', () => {
    const parallel = reading(
      `
        kong 0+1000
          kong.phase.access 0+500
            kong.access.plugin.oidc 0+500
              kong.io.http.request 0+200
              kong.io.http.request 100+200
              kong.io.http.request 150+50
              kong.io.http.request 400+100
      `,
      { ...TIMES, io_ms: 0.4 },
    );
    expect(findingsOf(parallel).find(({ kind }) => kind === 'repeated-io')).toMatchObject({
      evidence: '4 calls, 400 µs together, some at once, 138 µs each',
      share: 0.4,
    });
  });

  it('does not tell that what was turned away or failed was quick', () => {
    const turnedAway = { ...TIMES, duration_ms: 30, status_code: 401, exited_by: 'key-auth' };
    const lines = told(reading(PROXIED, turnedAway), { durationMs: 90, count: 41 });
    expect(lines.filter((line) => line.startsWith('median'))).toEqual([]);
  });

  it('tells what is unusual in its session', () => {
    const proxied = reading(PROXIED, { ...TIMES, duration_ms: 30 });
    expect(told(proxied, { durationMs: 5, count: 41 }).at(-1)).toBe(
      'median warn: 6.0 times as long as is usual for requests on route orders in this session. (30 ms against a median of 5 ms over 41 traces) @null',
    );
    expect(told(proxied, { durationMs: 90, count: 41 }).at(-1)).toMatch(/^median info: 3.0 times faster/);
    expect(told(proxied, { durationMs: 25, count: 41 }).some((line) => line.startsWith('median'))).toBe(
      false,
    );
  });

  it('finds nothing in a request without duration', () => {
    expect(findingsOf(reading('kong 0+0', { duration_ms: 0 }))).toEqual([]);
  });
});

describe('sessionMedian()', () => {
  const traces = [1, 2, 3, 4, 100].map((duration_ms, index) =>
    sampleSummary({ id: `t${index}`, duration_ms }),
  );

  it('is that of the other traces like it', () => {
    expect(sessionMedian(sampleSummary({ id: 'own', duration_ms: 50 }), traces)).toEqual({
      durationMs: 3,
      count: 5,
    });
  });

  it('is none where there are too few', () => {
    expect(sessionMedian(traces[0]!, traces)).toBeNull();
    expect(sessionMedian(sampleSummary({ id: 'own', route: 'other' }), traces)).toBeNull();
  });
});
