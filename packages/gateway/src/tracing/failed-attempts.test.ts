import { renderTree, type Span } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import type { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import { ScriptedUpstream } from '../../../http1/src/testing/scripted-upstream.ts';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { kongYml } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { type CollectedTrace, traced } from '../testing/trace-collector.ts';

interface Setting {
  readonly service?: object;
  readonly env?: Record<string, string>;
}

/** The trace of one request to an upstream with these targets. */
async function traceOf(targets: readonly string[], { service, env }: Setting = {}): Promise<CollectedTrace> {
  const gateway = await TestGateway.start(
    kongYml({
      services: [{ name: 's', host: 'pool', ...service, routes: [{ paths: ['/'] }] }],
      upstreams: [{ name: 'pool', targets: targets.map((target) => ({ target })) }],
    }),
    { env: env ?? {} },
  );
  const collector = await traced(gateway);
  await gateway.send('/').catch(() => null);
  const [trace] = await collector.until(1);
  expectWhole(trace!);
  return trace!;
}

/** The part of the tree that concerns the upstream, tries with their number. */
function attempts(spans: readonly Span[]): string {
  const wanted = spans.filter(({ name }) => /^kong$|upstream|dns/.test(name));
  return renderTree(wanted, ({ attributes }) => String(attributes['try_count'] ?? ''));
}

async function acting(act: (peer: RawPeer) => void): Promise<string> {
  const upstream = await ScriptedUpstream.start(async (peer) => {
    await peer.holding('\r\n\r\n');
    act(peer);
  });
  return `127.0.0.1:${upstream.target.port}`;
}

const alive = async () => `127.0.0.1:${(await EchoUpstream.start()).port}`;
const DEAD = ['127.0.0.1:9', '127.0.0.1:1'];
const durationOf = (span: Span) => Number(BigInt(span.end_unix_nano) - BigInt(span.start_unix_nano));

describe('the trace of a request that was tried more than once', () => {
  it('has a span per try, those that failed marked', async () => {
    const { spans } = await traceOf([...DEAD, await alive()]);
    expect(attempts(spans)).toBe(
      [
        'kong',
        '  kong.upstream.selection',
        '    kong.upstream.find_upstream 1 !refused: connect ECONNREFUSED 127.0.0.1:9',
        '    kong.upstream.find_upstream 2 !refused: connect ECONNREFUSED 127.0.0.1:1',
        '    kong.upstream.find_upstream 3',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream',
        '  kong.read_body_from_upstream',
      ].join('\n'),
    );
    const tries = spans.filter(({ name }) => name === 'kong.upstream.find_upstream');
    expect(tries.map(({ attributes }) => attributes)).toEqual(
      [9, 1, Number(tries[2]!.attributes['network.peer.port'])].map((port, index) => ({
        'network.peer.address': '127.0.0.1',
        'network.peer.name': '127.0.0.1',
        'network.peer.port': port,
        try_count: index + 1,
        keepalive: false,
      })),
    );
    expect(spans[0]!.status).toEqual({ code: 'UNSET', message: '' });
  });

  it('in vain ends in an error, of the selection and of the whole', async () => {
    const { spans } = await traceOf(DEAD, { service: { retries: 1 } });
    expect(attempts(spans)).toBe(
      [
        'kong !connect ECONNREFUSED 127.0.0.1:1',
        '  kong.upstream.selection !connect ECONNREFUSED 127.0.0.1:1',
        '    kong.upstream.find_upstream 1 !refused: connect ECONNREFUSED 127.0.0.1:9',
        '    kong.upstream.find_upstream 2 !refused: connect ECONNREFUSED 127.0.0.1:1',
      ].join('\n'),
    );
    expect(spans[0]!.attributes['http.response.status_code']).toBe(502);
    expect(spans[0]!.attributes['proxy.kong.upstream_status_code']).toBeUndefined();
  });

  it('shows what was sent to an upstream that hung up, within its try', async () => {
    const { spans } = await traceOf([await acting((peer) => peer.finish()), await alive()]);
    expect(attempts(spans)).toBe(
      [
        'kong',
        '  kong.upstream.selection',
        '    kong.upstream.find_upstream 1 !closed_before_response: the upstream closed the connection before it answered',
        '    kong.upstream.find_upstream 2',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream !the upstream closed the connection before it answered',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream',
        '  kong.read_body_from_upstream',
      ].join('\n'),
    );
    const [first] = spans.filter(({ name }) => name === 'kong.upstream.find_upstream');
    const [failed] = spans.filter(({ name }) => name === 'kong.read_headers_from_upstream');
    // The try lasted until it was known to have failed.
    expect(BigInt(first!.end_unix_nano)).toBe(BigInt(failed!.end_unix_nano));
  });

  it('shows the answers that the policy did not take', async () => {
    const unwilling = await EchoUpstream.start((_, response) => response.writeHead(503).end());
    const { spans } = await traceOf([`127.0.0.1:${unwilling.port}`, await alive()], {
      env: { KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM: 'http_503' },
    });
    expect(attempts(spans)).toBe(
      [
        'kong',
        '  kong.upstream.selection',
        '    kong.upstream.find_upstream 1 !answered 503',
        '    kong.upstream.find_upstream 2',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream !answered 503',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream',
        '  kong.read_body_from_upstream',
      ].join('\n'),
    );
    expect(spans[0]!.attributes['proxy.kong.upstream_status_code']).toBe(200);
  });

  it('waits in the span of the upstream that kept it waiting', async () => {
    const { spans } = await traceOf([await acting(() => {}), await alive()], {
      service: { read_timeout: 80 },
    });
    const [slow, quick] = spans.filter(({ name }) => name === 'kong.read_headers_from_upstream');
    expect(durationOf(slow!)).toBeGreaterThan(70e6);
    expect(durationOf(quick!)).toBeLessThan(durationOf(slow!));
    expect(slow!.status.message).toBe('the upstream does not answer');
    const upstreamMs = spans[0]!.attributes['proxy.kong.latency.upstream'] as number;
    expect(upstreamMs).toBeGreaterThan(70);
  });
});

describe('the trace of a request that failed', () => {
  it('at its upstream’s answer, half way, says where', async () => {
    const target = await acting((peer) => {
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      peer.finish();
    });
    const { spans } = await traceOf([target]);
    const broken = 'the upstream closed the connection in the middle of its answer';
    expect(attempts(spans)).toBe(
      [
        `kong !${broken}`,
        '  kong.upstream.selection',
        `    kong.upstream.find_upstream 1 !closed_in_response: ${broken}`,
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream',
        `  kong.read_body_from_upstream !${broken}`,
      ].join('\n'),
    );
    expect(spans[0]!.attributes['http.response.status_code']).toBe(200);
  });

  it('since the upstream kept it waiting too long says so', async () => {
    const { spans } = await traceOf([await acting(() => {})], { service: { read_timeout: 50, retries: 0 } });
    expect(attempts(spans)).toBe(
      [
        'kong !the upstream does not answer',
        '  kong.upstream.selection',
        '    kong.upstream.find_upstream 1 !read_timeout: the upstream does not answer',
        '  kong.send_request_to_upstream',
        '  kong.read_headers_from_upstream !the upstream does not answer',
      ].join('\n'),
    );
    expect(spans[0]!.attributes['http.response.status_code']).toBe(504);
  });

  it('since a name could not be found says so, once per try', async () => {
    const { spans } = await traceOf(['nowhere.invalid:80', 'neither.invalid:80'], {
      service: { retries: 1 },
      env: { KONG_DNS_RESOLVER: '127.0.0.1:1' },
    });
    expect(attempts(spans)).toBe(
      [
        'kong !neither.invalid could not be resolved: ECONNREFUSED',
        '  kong.upstream.selection !name resolution failed: ECONNREFUSED',
        '    kong.dns !ECONNREFUSED',
        '    kong.dns !ECONNREFUSED',
      ].join('\n'),
    );
  });
});
