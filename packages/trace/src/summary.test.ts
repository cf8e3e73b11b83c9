import { describe, expect, it } from 'vitest';
import type { Span } from './span.ts';
import { summarise } from './summary.ts';

const ORIGIN = 1_700_000_000_000_000_000n;

function span(name: string, startMs: number, endMs: number, fields: Partial<Span> = {}): Span {
  return {
    span_id: name,
    parent_span_id: name === 'kong' ? null : 'kong',
    name,
    kind: 'INTERNAL',
    start_unix_nano: (ORIGIN + BigInt(startMs * 1e6)).toString(),
    end_unix_nano: (ORIGIN + BigInt(endMs * 1e6)).toString(),
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
    ...fields,
  };
}

const ROOT_ATTRIBUTES = {
  'url.full': 'https://api.example.com/orders/7',
  'http.request.method': 'POST',
  'http.request.header.host': 'api.example.com',
  'http.response.status_code': 502,
  'proxy.kong.upstream_status_code': 500,
  'proxy.kong.consumer_id': 'c1',
  'client.address': '203.0.113.9',
};

describe('summarise()', () => {
  it('says in one row what the spans say', () => {
    const spans = [
      span('kong.router', 1, 2, {
        attributes: { 'proxy.kong.router.route_id': 'r1', 'proxy.kong.router.service_id': 's1' },
      }),
      span('kong', 0, 100, {
        attributes: ROOT_ATTRIBUTES,
        status: { code: 'ERROR', message: 'the upstream failed' },
      }),
      span('kong.read_client_http_headers', 0, 1),
      span('kong.access.plugin.key-auth', 2, 5),
      span('kong.header_filter.plugin.response-transformer', 90, 99),
      span('kong.io.redis.get', 3, 5),
      span('kong.upstream.selection', 10, 20),
      span('kong.read_body_from_upstream', 60, 80),
    ];
    expect(summarise(spans)).toEqual({
      root_span_id: 'kong',
      start_unix_nano: '1700000000000000000',
      method: 'POST',
      host: 'api.example.com',
      path: '/orders/7',
      status_code: 502,
      upstream_status_code: 500,
      duration_ms: 100,
      upstream_ms: 70,
      gateway_ms: 27,
      client_ms: 1,
      io_ms: 2,
      route_id: 'r1',
      service_id: 's1',
      consumer_id: 'c1',
      client_address: '203.0.113.9',
      span_count: 8,
      error: 'the upstream failed',
      slowest_plugin: { name: 'response-transformer', phase: 'header_filter', duration_ms: 9 },
      exited_by: null,
    });
  });

  it('says nothing of what is not there', () => {
    expect(summarise([span('kong', 0, 1)])).toEqual({
      root_span_id: 'kong',
      start_unix_nano: '1700000000000000000',
      method: '',
      host: null,
      path: '',
      status_code: null,
      upstream_status_code: null,
      duration_ms: 1,
      upstream_ms: 0,
      gateway_ms: 1,
      client_ms: 0,
      io_ms: 0,
      route_id: null,
      service_id: null,
      consumer_id: null,
      client_address: null,
      span_count: 1,
      error: null,
      slowest_plugin: null,
      exited_by: null,
    });
    expect(summarise([span('kong.router', 0, 1)])).toBeNull();
    expect(summarise([])).toBeNull();
  });

  it('names the plugin that ended the request', () => {
    const spans = [
      span('kong', 0, 9),
      span('kong.access.plugin.rate-limiting', 1, 2, {
        attributes: { 'proxy.kong.plugin.exit_status': 429 },
      }),
    ];
    expect(summarise(spans)!.exited_by).toBe('rate-limiting');
  });

  it.each<[string, Span[], string]>([
    ['of the root', [span('kong', 0, 1, { status: { code: 'ERROR', message: 'left' } })], 'left'],
    [
      'of another span where the root has no message',
      [
        span('kong', 0, 1, { status: { code: 'ERROR', message: '' } }),
        span('kong.dns', 0, 1, { status: { code: 'ERROR', message: 'no such name' } }),
      ],
      'no such name',
    ],
    [
      'of another span where the root is fine',
      [span('kong', 0, 1), span('kong.dns', 0, 1, { status: { code: 'ERROR', message: 'no such name' } })],
      'no such name',
    ],
    [
      'by the name of the span where it has no message',
      [span('kong', 0, 1), span('kong.dns', 0, 1, { status: { code: 'ERROR', message: '' } })],
      'kong.dns failed',
    ],
  ])('tells the error %s', (_, spans, error) => {
    expect(summarise(spans)!.error).toBe(error);
  });

  it.each([
    ['https://example.com', '/'],
    ['https://example.com/', '/'],
    ['https://example.com/a/b', '/a/b'],
    ['https://[::1]:8443/a', '/a'],
    ['/a', '/a'],
  ])('takes the path out of %s', (url, path) => {
    expect(summarise([span('kong', 0, 1, { attributes: { 'url.full': url } })])!.path).toBe(path);
  });
});
