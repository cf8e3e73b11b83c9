import { describe, expect, it } from 'vitest';
import type { SpanFacts } from './span-facts.ts';
import { ioOrdinals, isLabelled, numberedName, spanLabel } from './span-label.ts';
import { sampleTrace } from './testing/sample-trace.ts';

const facts = (attributes: SpanFacts['attributes']): SpanFacts => ({
  ...{ span_id: '', kind: 'CLIENT', status_message: '', attributes, events: [] },
});
const PEER = { 'network.peer.address': '10.0.0.9', 'network.peer.port': 6379 };

describe('spanLabel()', () => {
  it.each([
    [
      'kong.io.redis.get',
      { 'server.address': 'counts.test', 'server.port': 6379, ...PEER },
      'counts.test:6379',
    ],
    ['kong.io.redis.get', PEER, '10.0.0.9:6379'],
    ['kong.io.socket.connect', { 'network.peer.address': '::1', 'network.peer.port': 25 }, '[::1]:25'],
    ['kong.io.socket.connect', { 'network.peer.address': '/run/x.sock' }, '/run/x.sock'],
    [
      'kong.io.http.request',
      {
        'http.request.method': 'GET',
        'server.address': 'id.test',
        'server.port': 443,
        'http.response.status_code': 200,
      },
      'GET id.test:443 200',
    ],
    ['kong.upstream.find_upstream', { ...PEER, 'network.peer.name': 'shop.test' }, 'shop.test:6379'],
    ['kong.io.http.request', { 'server.address': 'a\u202eb' }, 'a⟨U+202E⟩b'],
    ['kong.io.http.request', {}, ''],
    ['kong.phase.access', PEER, ''],
  ])('tells %s by %j', (name, attributes, label) => {
    expect(spanLabel(name, facts(attributes))).toBe(label);
  });

  it('says nothing as long as nothing is known, and never much', () => {
    expect(spanLabel('kong.io.redis.get', null)).toBe('');
    expect(spanLabel('kong.io.redis.get', facts({ 'server.address': 'x'.repeat(500) }))).toHaveLength(100);
  });

  it('is asked for only where it may say something', () => {
    expect(['kong.io.http.connect', 'kong.upstream.find_upstream', 'kong'].map(isLabelled)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('ioOrdinals()', () => {
  it('numbers I/O of one name below one parent', () => {
    const model = sampleTrace(`
      kong 0+100
        kong.access.plugin.rate-limiting 0+50
          kong.io.redis.get 1+2
          kong.io.redis.get 4+2
          kong.io.redis.incr 7+2
        kong.header_filter.plugin.rate-limiting 50+20
          kong.io.redis.get 51+2
        kong.phase.log 80+1
        kong.phase.log 82+1
    `);
    const ordinals = ioOrdinals(model);
    expect(Array.from({ length: model.count }, (_, row) => numberedName(model, row, ordinals))).toEqual([
      'kong',
      'kong.access.plugin.rate-limiting',
      'kong.io.redis.get #1',
      'kong.io.redis.get #2',
      'kong.io.redis.incr',
      'kong.header_filter.plugin.rate-limiting',
      'kong.io.redis.get',
      'kong.phase.log',
      'kong.phase.log',
    ]);
  });
});
