import type { ControlPlane, List, Node } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
});
afterEach(() => controlPlane.close());

const aTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/) as string;
const anId = expect.stringMatching(/^[\da-f-]{36}$/) as string;

async function make(name: string, description?: string): Promise<ControlPlane> {
  const { body } = await controlPlane.call<ControlPlane>('/control-planes', { body: { name, description } });
  return body;
}

describe('control planes', () => {
  it('begin with one called default', async () => {
    const { status, body } = await controlPlane.call<List<ControlPlane>>('/control-planes');
    const home: ControlPlane = {
      id: anId,
      name: 'default',
      description: '',
      nodes_connected: 0,
      nodes_total: 0,
      sessions_active: 0,
      created_at: aTime,
    };
    expect([status, body]).toEqual([200, { data: [home], next: null }]);
    expect((await controlPlane.call('/control-planes/default')).body).toEqual(body.data[0]);
    expect((await controlPlane.call(`/control-planes/${body.data[0]!.id}`)).body).toEqual(body.data[0]);
  });

  it('count their nodes and the sessions that are not over', async () => {
    const node = await controlPlane.node();
    await controlPlane.node();
    const { id } = await controlPlane.session();
    await controlPlane.session();
    await controlPlane.call(`/control-planes/default/sessions/${id}/stop`, { method: 'POST' });
    await controlPlane.sessionIn('ended', id);
    node.close();
    const { body } = await until('the node to be gone', async () => {
      const answer = await controlPlane.call<ControlPlane>('/control-planes/default');
      return answer.body.nodes_connected === 1 ? answer : null;
    });
    expect(body).toMatchObject({ nodes_connected: 1, nodes_total: 2, sessions_active: 1 });
  });

  it('are made, renamed, described and deleted', async () => {
    const made = await controlPlane.call<ControlPlane>('/control-planes', {
      body: { name: 'eu-west', description: 'Dublin' },
    });
    const { id } = made.body;
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: anId,
        name: 'eu-west',
        description: 'Dublin',
        nodes_connected: 0,
        nodes_total: 0,
        sessions_active: 0,
        created_at: aTime,
      },
    ]);
    const change = { method: 'PATCH', body: { name: 'eu-central', description: '' } };
    expect((await controlPlane.call('/control-planes/eu-west', change)).body).toEqual({
      ...made.body,
      ...change.body,
    });
    expect((await controlPlane.call('/control-planes/eu-west')).status).toBe(404);
    expect((await controlPlane.call(`/control-planes/${id}`)).body).toMatchObject({ name: 'eu-central' });
    const removal = await controlPlane.call('/control-planes/eu-central', { method: 'DELETE' });
    expect([removal.status, removal.body]).toEqual([204, '']);
    expect((await controlPlane.call(`/control-planes/${id}`)).body).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('have a name of their own', async () => {
    await make('one');
    await make('two');
    const twice = await controlPlane.call('/control-planes', { body: { name: 'one' } });
    const renamed = await controlPlane.call('/control-planes/two', {
      method: 'PATCH',
      body: { name: 'one' },
    });
    expect([twice.body, renamed.body]).toMatchObject([
      { status: 409, code: 'conflict' },
      { status: 409, code: 'conflict' },
    ]);
    const same = await controlPlane.call('/control-planes/two', { method: 'PATCH', body: { name: 'two' } });
    expect(same.status).toBe(200);
  });

  it('are kept where they are in use, and the default one always', async () => {
    const answers = [
      await controlPlane.call('/control-planes/default', { method: 'DELETE' }),
      await controlPlane.call('/control-planes/default', { method: 'PATCH', body: { name: 'other' } }),
    ];
    expect(answers.map(({ body }) => body.code)).toEqual(['conflict', 'conflict']);
    expect((await controlPlane.call('/control-planes/default')).status).toBe(200);
  });

  it.each([
    ['name', { name: '' }],
    ['name', { name: 'with blank' }],
    ['name', { name: '-dash' }],
    ['name', { name: 'x'.repeat(101) }],
    ['description', { description: 'x'.repeat(1_001) }],
    ['colour', { colour: 'red' }],
  ])('are refused with the place of what is wrong: %s', async (path, change) => {
    const { body } = await controlPlane.call('/control-planes', { body: { name: 'fine', ...change } });
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(body.errors!.map((error) => error.path)).toContain(path);
  });

  it('are listed a page at a time', async () => {
    for (const name of ['b', 'c', 'd']) await make(name);
    const first = await controlPlane.call<List<ControlPlane>>('/control-planes?size=2');
    const second = await controlPlane.call<List<ControlPlane>>(
      `/control-planes?size=2&after=${first.body.next}`,
    );
    const names = [first, second].map(({ body }) => body.data.map(({ name }) => name).join(' '));
    expect([names, second.body.next]).toEqual([['default b', 'c d'], null]);
  });
});

describe('nodes', () => {
  const listed = async () => (await controlPlane.call<List<Node>>('/control-planes/default/nodes')).body;

  it('are listed as they said hello', async () => {
    const node = await controlPlane.node({ hostname: 'edge-1', version: '3.9.1' });
    expect(await listed()).toEqual({
      data: [
        {
          id: node.id,
          hostname: 'edge-1',
          version: '3.9.1',
          ip: '127.0.0.1',
          connected: true,
          connected_at: aTime,
          last_seen_at: aTime,
          config_hash: expect.stringMatching(/^[\da-f]{64}$/) as string,
          config_in_sync: expect.any(Boolean) as boolean,
          tracing: { available: true, reason: null },
          capabilities: ['gatescope.config.v1', 'gatescope.sessions.v1'],
          workers: 1,
          round_trip_ms: expect.toSatisfy((value) => value === null || value >= 0) as number,
          clock_offset_ms: null,
          load: null,
        },
      ],
      next: null,
    });
  });

  it('stay listed when they have gone, with the time they were last seen', async () => {
    const node = await controlPlane.node();
    node.close();
    const gone = await until('the node to be gone', async () => {
      const [first] = (await listed()).data;
      return first!.connected ? null : first;
    });
    expect(gone).toMatchObject({ id: node.id, connected: false, last_seen_at: aTime });
    expect(await listed()).toEqual({ data: [gone], next: null });
  });

  it.each([
    [
      'switched it off',
      {
        capabilities: ['gatescope.config.v1'],
        tracing: { available: false, reason: 'Set KONG_ACTIVE_TRACING=on' },
      },
      'Set KONG_ACTIVE_TRACING=on',
    ],
    [
      'do not know it',
      { capabilities: ['gatescope.config.v1'] },
      'This node does not offer the tracing capability. Upgrade it to a version that does.',
    ],
  ])('that %s say why they can not trace', async (_, hello, reason) => {
    await controlPlane.node(hello);
    expect((await listed()).data[0]!.tracing).toEqual({ available: false, reason });
  });

  it('are listed a page at a time', async () => {
    for (const hostname of ['c', 'a', 'b']) await controlPlane.node({ hostname });
    const first = await controlPlane.call<List<Node>>('/control-planes/default/nodes?size=2');
    const second = await controlPlane.call<List<Node>>(
      `/control-planes/default/nodes?size=2&after=${first.body.next}`,
    );
    const names = [first, second].map(({ body }) => body.data.map(({ hostname }) => hostname));
    expect([names, second.body.next]).toEqual([[['a', 'b'], ['c']], null]);
    const refused = await controlPlane.call('/control-planes/default/nodes?size=0');
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: 'size' }] });
  });

  it('that come back under the same id replace the connection they had', async () => {
    const first = await controlPlane.node({ id: 'same', hostname: 'before' });
    await controlPlane.node({ id: 'same', hostname: 'after' });
    await until('the first one to be cut', () => first.lost !== null);
    expect((await listed()).data.map(({ id, hostname, connected }) => [id, hostname, connected])).toEqual([
      ['same', 'after', true],
    ]);
  });
});
