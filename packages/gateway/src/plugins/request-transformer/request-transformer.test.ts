import { describe, expect, it } from 'vitest';
import { EchoUpstream, type Received } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import type { Question } from '../../testing/send-request.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

/** What the upstream gets of a request, with the headers of a test alone (`x-t-…`). */
async function transformed(config: object, path: string, question: Question = {}) {
  const upstream = await EchoUpstream.start();
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'request-transformer', config }));
  expect((await gateway.send(path, question)).status).toBe(200);
  return upstream.only;
}

function ownHeaders({ headers }: Received): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-t')));
}

describe('request-transformer', () => {
  it('removes, renames, replaces, adds and appends headers, in that order', async () => {
    const received = await transformed(
      {
        remove: { headers: ['X-T-Gone'] },
        rename: { headers: ['x-t-old:X-T-New', 'X-T-Absent:X-T-Never'] },
        replace: { headers: ['X-T-Set:replaced: yes', 'X-T-Unset:never'] },
        add: { headers: ['X-T-Gone:added again', 'X-T-Set:never', 'X-T-New:never'] },
        append: { headers: ['X-T-Set:and more', 'X-T-More:only'] },
      },
      '/',
      { headers: { 'x-t-gone': 'there', 'x-t-old': 'kept', 'x-t-set': 'as it came' } },
    );
    expect(ownHeaders(received)).toEqual({
      'x-t-gone': 'added again',
      'x-t-new': 'kept',
      'x-t-set': 'replaced: yes, and more',
      'x-t-more': 'only',
    });
  });

  it('renames over a header of the new name', async () => {
    const received = await transformed({ rename: { headers: ['X-T-Old:X-T-New'] } }, '/', {
      headers: { 'x-t-old': ['one', 'two'], 'x-t-new': 'forged' },
    });
    expect(ownHeaders(received)).toEqual({ 'x-t-new': 'one, two' });
  });

  it('changes the query: removes, renames, replaces, adds, appends', async () => {
    const received = await transformed(
      {
        remove: { querystring: ['gone'] },
        rename: { querystring: ['old:new'] },
        replace: { querystring: ['set:a b', 'unset:never'] },
        add: { querystring: ['gone:again', 'set:never'] },
        append: { querystring: ['set:more', 'list:1'] },
      },
      '/p?gone=1&gone=2&old=o&new=forged&set=x&list=0&untouched=%C3%A9',
    );
    const question = received.target.indexOf('?');
    expect([
      received.target.slice(0, question),
      Object.fromEntries(
        [...new Set(new URLSearchParams(received.target.slice(question)).keys())].map((key) => [
          key,
          new URLSearchParams(received.target.slice(question)).getAll(key),
        ]),
      ),
    ]).toEqual([
      '/p',
      { set: ['a b', 'more'], list: ['0', '1'], untouched: ['é'], new: ['o'], gone: ['again'] },
    ]);
  });

  it('leaves a query to the byte that it has nothing to do with', async () => {
    const received = await transformed({ add: { headers: ['X-T:1'] } }, "/p?a=%c3%A9+b&flag&x='");
    expect(received.target).toBe("/p?a=%c3%A9+b&flag&x='");
  });

  it('changes method, path and host', async () => {
    const received = await transformed(
      { http_method: 'PUT', replace: { uri: '/elsewhere/%2F', headers: ['Host:other.test:81'] } },
      '/p?q=1',
      { method: 'POST', body: 'kept' },
    );
    const { method, target, body, headers } = received;
    expect({ method, target, body, host: headers['host'], length: headers['content-length'] }).toEqual({
      method: 'PUT',
      target: '/elsewhere/%2F?q=1',
      body: 'kept',
      host: 'other.test:81',
      length: '4',
    });
  });

  it('can’t break the framing of the request or what the gateway says of the client', async () => {
    const received = await transformed(
      {
        remove: { headers: ['X-Real-IP', 'Host', 'Content-Length'] },
        add: { headers: ['Content-Length:1', 'Transfer-Encoding:chunked', 'Connection:x-t'] },
      },
      '/',
      { method: 'POST', body: 'four', headers: { 'x-t': 'there' } },
    );
    expect(received.body).toBe('four');
    const { 'content-length': length, 'x-real-ip': ip, 'x-t': kept, connection } = received.headers;
    expect({ length, ip, kept, connection }).toEqual({
      length: '4',
      ip: '127.0.0.1',
      kept: 'there',
      connection: 'keep-alive',
    });
  });
});
