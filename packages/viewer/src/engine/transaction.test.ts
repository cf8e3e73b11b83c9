import { describe, expect, it } from 'vitest';
import { requestSteps, stepLabel } from './request-steps.ts';
import type { SpanFacts } from './span-facts.ts';
import { sampleTrace } from './testing/sample-trace.ts';
import { type FactsOf, pluginSteps, transactionOf } from './transaction.ts';
import { transactionMap } from './transaction-map.ts';

const model = sampleTrace(`
  kong 0+1000
    kong.tls_handshake 0+100
      kong.phase.certificate 20+10
    kong.read_client_http_headers 100+20
    kong.phase.rewrite 130+5
    kong.router 140+5
    kong.phase.access 150+200
      kong.access.plugin.oidc 151+100
        kong.io.http.request 160+80
      kong.access.plugin.key-auth 260+20
      kong.access.plugin.oidc 290+10
    kong.upstream.selection 360+100
      kong.upstream.find_upstream 361+40 !
      kong.upstream.find_upstream 410+50
    kong.read_headers_from_upstream 470+300
    kong.phase.header_filter 780+10
      kong.header_filter.plugin.cors 781+5
    kong.phase.body_filter 800+100
      kong.body_filter.plugin.cors 801+90
    kong.wait_for_client_read 900+100
    kong.phase.log 1000+50
      kong.log.plugin.http-log 1001+40
`);
const NO_FACTS: FactsOf = () => null;

function facts(attributes: Readonly<Record<string, unknown>>, status_message = ''): SpanFacts {
  return { span_id: '', kind: 'INTERNAL', status_message, attributes: { ...attributes }, events: [] };
}

describe('transactionOf()', () => {
  it('finds phases and plugins in the order in which they ran', () => {
    const { request, response, after, attempts } = transactionOf(model, NO_FACTS);
    const drawn = (phases: typeof request) =>
      phases.map(
        ({ phase, plugins }) =>
          `${phase}: ${plugins.map(({ name, spanCount }) => `${name}×${spanCount}`).join(' ')}`,
      );
    expect(drawn(request)).toEqual(['certificate: ', 'rewrite: ', 'access: oidc×2 key-auth×1']);
    expect(drawn(response)).toEqual(['header_filter: cors×1', 'body_filter: cors×1']);
    expect(drawn(after)).toEqual(['log: http-log×1']);
    expect(attempts.map(({ number, target, failed }) => ({ number, target, failed }))).toEqual([
      { number: 1, target: null, failed: true },
      { number: 2, target: null, failed: false },
    ]);
  });

  it('adds the spans of one plugin up, and says whose time it was', () => {
    const oidc = pluginSteps(transactionOf(model, NO_FACTS)).find((step) => step.name === 'oidc');
    expect(oidc).toMatchObject({
      durationNs: 110_000,
      parts: { io: 80_000, gateway: 30_000, client: 0, upstream: 0 },
      exitStatus: null,
      failed: false,
    });
  });

  it('reads targets, exits and run times out of attributes', () => {
    const known: Readonly<Record<number, SpanFacts>> = {
      9: facts({ 'proxy.kong.plugin.exit_status': 401 }),
      12: facts({ 'network.peer.address': '10.0.0.1', 'network.peer.port': 80, try_count: 1 }, 'refused'),
      13: facts({ 'network.peer.name': 'b.local', 'network.peer.port': 80, try_count: 2, keepalive: true }),
      18: facts({ 'proxy.kong.plugin.run_time': 0.004 }),
    };
    const transaction = transactionOf(model, (row) => known[row] ?? null);
    expect(
      transaction.attempts.map(({ target, keepalive, message }) => ({ target, keepalive, message })),
    ).toEqual([
      { target: '10.0.0.1:80', keepalive: false, message: 'refused' },
      { target: 'b.local:80', keepalive: true, message: '' },
    ]);
    expect(transaction.request[2]!.plugins[1]!.exitStatus).toBe(401);
    expect(transaction.response[1]!.plugins[0]!.durationNs).toBe(4_000);
  });

  it('is empty for a trace without spans', () => {
    const { request, response, after, attempts } = transactionOf(sampleTrace(''), NO_FACTS);
    expect([request, response, after, attempts]).toEqual([[], [], [], []]);
  });
});

describe('requestSteps() and transactionMap()', () => {
  const steps = requestSteps(model, transactionOf(model, NO_FACTS));

  it('lists what lies directly below the root, and the certificate phase after its handshake', () => {
    expect(steps.map((step) => step.label)).toEqual([
      'TLS handshake',
      'certificate phase',
      'Read request headers',
      'rewrite phase',
      'Find route',
      'access phase',
      'Select and connect upstream',
      'Wait for upstream response',
      'header_filter phase',
      'body_filter phase',
      'Send response to client',
      'log phase',
    ]);
    expect(steps.at(-1)).toMatchObject({ isAfter: true, startNs: 1_000_000, durationNs: 50_000 });
  });

  it('puts every step in one place of the map', () => {
    const map = transactionMap(model, steps);
    const labels = Object.fromEntries(
      Object.entries(map).map(([place, list]) => [place, list.map((step) => step.label)]),
    );
    expect(labels).toEqual({
      client: ['TLS handshake', 'Read request headers', 'Send response to client'],
      request: ['certificate phase', 'rewrite phase', 'Find route', 'access phase'],
      upstream: ['Select and connect upstream', 'Wait for upstream response'],
      response: ['header_filter phase', 'body_filter phase'],
      after: ['log phase'],
    });
  });

  it('calls a span it does not know by its name', () => expect(stepLabel('my.own.span')).toBe('my.own.span'));

  it('has no steps in an empty trace', () => {
    const empty = sampleTrace('');
    expect(requestSteps(empty, transactionOf(empty, NO_FACTS))).toEqual([]);
  });
});
