import type { TraceSummary } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { endingOf, type TraceReading } from './ending.ts';
import { findingsOf } from './findings.ts';
import type { SpanFacts } from './span-facts.ts';
import { sampleTrace } from './testing/sample-trace.ts';
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

describe('findingsOf()', () => {
  it('begins with the bottleneck, then what the gateway spent', () => {
    expect(findingsOf(reading(PROXIED, TIMES))).toEqual([
      {
        kind: 'bottleneck',
        text: 'Waiting for the upstream’s answer took 800 µs, 80 % of the total.',
        row: 6,
      },
      { kind: 'gateway', text: 'pre-function in access took 90 µs, 64 % of gateway time.', row: 3 },
    ]);
  });

  it('names the plugin where the gateway is the bottleneck', () => {
    const slow = reading(
      'kong 0+1000\n  kong.phase.access 10+900\n    kong.access.plugin.pre-function 11+890\n    kong.access.plugin.cors 902+5',
      { ...TIMES, gateway_ms: 0.95, upstream_ms: 0 },
    );
    expect(findingsOf(slow)).toEqual([
      { kind: 'gateway', text: 'pre-function in access took 890 µs, 94 % of gateway time.', row: 2 },
    ]);
  });

  it('blames no plugin where none stands out', () => {
    const slow = reading('kong 0+1000\n  kong.router 1+2', { ...TIMES, gateway_ms: 0.95, upstream_ms: 0 });
    expect(findingsOf(slow)[0]!.text).toBe(
      'The gateway itself took 950 µs, 95 % of the total; no plugin stands out.',
    );
  });

  it('names the I/O, its plugin and its peer', () => {
    const waiting = reading(
      'kong 0+1000\n  kong.phase.access 10+900\n    kong.access.plugin.oidc 11+890\n      kong.io.http.request 20+850',
      { ...TIMES, io_ms: 0.85, upstream_ms: 0 },
      { 3: { 'network.peer.address': '10.0.0.9' } },
    );
    expect(findingsOf(waiting)[0]!.text).toBe(
      'oidc in access waited 850 µs for I/O (http.request at 10.0.0.9), 85 % of the total.',
    );
  });

  it('counts attempts, tells errors, and what ran after the response', () => {
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
    );
    expect(findingsOf(retried).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'bottleneck: Connecting to the upstream took 480 µs, 48 % of the total.',
      'retries: The upstream took 2 attempts, 1 failed.',
      'error: Connection refused.',
      'after: The log phase worked another 300 µs after the response; the client did not wait for it.',
    ]);
  });

  it('finds nothing in a request without duration', () => {
    expect(findingsOf(reading('kong 0+0', { duration_ms: 0 }))).toEqual([]);
  });
});
