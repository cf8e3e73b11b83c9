import { describe, expect, it } from 'vitest';
import { EchoUpstream } from '../../testing/echo-upstream.ts';
import { routeWith } from '../../testing/kong-yml.ts';
import { TestGateway } from '../../testing/test-gateway.ts';

interface Said {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** The answer to a request whose upstream says this. */
async function transformed(config: object, { headers = {}, body = '' }: Said) {
  const upstream = await EchoUpstream.start((_, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  const gateway = await TestGateway.start(routeWith(upstream.url, { name: 'response-transformer', config }));
  return gateway.send('/');
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('response-transformer', () => {
  it('removes, renames, replaces, adds and appends headers, in that order', async () => {
    const { headers } = await transformed(
      {
        remove: { headers: ['X-T-Gone'] },
        rename: { headers: ['x-t-old:X-T-New', 'X-T-Absent:X-T-Never'] },
        replace: { headers: ['X-T-Set:replaced: yes', 'X-T-Unset:never'] },
        add: { headers: ['X-T-Gone:added again', 'X-T-Set:never'] },
        append: { headers: ['X-T-Set:and more', 'Set-Cookie:b=2'] },
      },
      {
        headers: {
          'x-t-gone': 'there',
          'x-t-old': 'kept',
          'x-t-new': 'over',
          'x-t-set': 'as it came',
          'set-cookie': 'a=1',
        },
      },
    );
    const own = Object.entries(headers).filter(([name]) => name.startsWith('x-t') || name === 'set-cookie');
    expect(Object.fromEntries(own)).toEqual({
      'x-t-gone': 'added again',
      'x-t-new': 'kept',
      'x-t-set': 'replaced: yes, and more',
      'set-cookie': ['a=1', 'b=2'],
    });
  });

  it('removes, renames, replaces, adds and appends members of a JSON body', async () => {
    const { headers, body } = await transformed(
      {
        remove: { json: ['gone'] },
        rename: { json: ['old:new', 'absent:never'] },
        replace: { json: ['set:a:b', 'unset:never'] },
        add: { json: ['added:yes', 'set:never'] },
        append: { json: ['list:c', 'text:more', 'fresh:one'] },
      },
      { headers: JSON_TYPE, body: '{"gone":1,"old":{"deep":true},"set":2,"list":["a",1],"text":"é"}' },
    );
    expect(JSON.parse(body)).toEqual({
      new: { deep: true },
      set: 'a:b',
      added: 'yes',
      list: ['a', 1, 'c'],
      text: ['é', 'more'],
      fresh: ['one'],
    });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('gives the values the types it is told', async () => {
    const { body } = await transformed(
      {
        replace: { json: ['count:42'], json_types: ['number'] },
        add: {
          json: ['ready:true', 'off:no', 'id:7', 'rest:8'],
          json_types: ['boolean', 'boolean', 'string'],
        },
        append: { json: ['list:1.5'], json_types: ['number'] },
      },
      { headers: JSON_TYPE, body: '{"count":"many","list":[]}' },
    );
    expect(JSON.parse(body)).toEqual({
      count: 42,
      list: [1.5],
      ready: true,
      off: false,
      id: '7',
      rest: '8',
    });
  });

  it.each([
    ['what is not JSON by its type', { headers: { 'content-type': 'text/plain' }, body: '{"a":1}' }],
    ['what is not JSON by its text', { headers: JSON_TYPE, body: '{"a":1' }],
    ['a JSON list', { headers: JSON_TYPE, body: '[1]' }],
    ['no body', { headers: JSON_TYPE, body: '' }],
  ])('leaves %s as it is', async (_, said) => {
    const { body } = await transformed({ add: { json: ['b:2'] } }, said);
    expect(body).toBe(said.body);
  });

  it('takes a JSON type with a suffix and parameters', async () => {
    const { body } = await transformed(
      { add: { json: ['b:2'] } },
      { headers: { 'content-type': 'application/problem+json; charset=utf-8' }, body: '{"a":1}' },
    );
    expect(body).toBe('{"a":1,"b":"2"}');
  });

  it('changes the headers of answers the gateway gives itself', async () => {
    const gateway = await TestGateway.start(
      routeWith(
        'http://127.0.0.1:1',
        { name: 'response-transformer', config: { add: { headers: ['X-T:there'] } } },
        { name: 'request-termination', config: {} },
      ),
    );
    const { status, headers } = await gateway.send('/');
    expect({ status, added: headers['x-t'] }).toEqual({ status: 503, added: 'there' });
  });
});
