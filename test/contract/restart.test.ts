import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { List, Session } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { EventStream } from './support/event-stream.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let node: TestNode;

beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node();
});
afterEach(() => controlPlane.close());

/** What the API says of everything that is kept. */
async function everything(id: string): Promise<unknown[]> {
  const paths = [
    '/users',
    '/tokens',
    '/audit-log',
    '/control-planes',
    '/control-planes/default/config',
    '/control-planes/default/entities',
    `${SESSIONS}/${id}/traces`,
  ];
  const answers = await Promise.all(paths.map((path) => controlPlane.call<object>(path)));
  return answers.map(({ status, body }) => [status, body]);
}

async function ended(id: string): Promise<Session> {
  await controlPlane.call(`${SESSIONS}/${id}/stop`, { method: 'POST' });
  return await controlPlane.sessionIn('ended', id);
}

/** Starts another one on a copy of the files as they are at this moment, as after a power cut; the first one ends. */
async function afterPowerCut(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatescope-contract-'));
  cpSync(controlPlane.dataDir, dataDir, { recursive: true });
  await controlPlane.close();
  controlPlane = await TestControlPlane.start({ dataDir, config: null });
}

describe('a control plane that is started again', () => {
  it('has everything it had', async () => {
    await controlPlane.call('/users', {
      body: { email: 'ada@example.com', password: 'correct horse', role: 'viewer' },
    });
    const token = await controlPlane.token({ role: 'viewer' });
    const { headers } = await controlPlane.call('/login', {
      token: null,
      body: { email: 'ada@example.com', password: 'correct horse' },
    });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    await controlPlane.call('/control-planes', { body: { name: 'other', description: 'kept' } });
    const { id } = await controlPlane.session({ name: 'kept' });
    await node.send(exportRequest(...Array.from({ length: 10 }, () => aTrace([id]))));
    await node.report(id, { seen: 50, matched: 10, dropped: { queue_full: 1 } });
    const session = await ended(id);
    // The node is gone in both looks at it.
    node.close();
    await until('the node to be gone', async () => !(await controlPlane.isConnected(node.id)));
    const before = await everything(id);
    controlPlane = await controlPlane.restart();
    expect(await everything(id)).toEqual(before);
    expect(await controlPlane.sessionOf(id)).toEqual(session);
    expect((await controlPlane.call('/me', { token })).status).toBe(200);
    expect((await controlPlane.call('/me', { token: null, headers: { cookie } })).body).toMatchObject({
      email: 'ada@example.com',
    });
    const stream = await EventStream.open(controlPlane, id, 0);
    await stream.end();
    expect([stream.of('trace').length, stream.events.at(-1)!.event]).toEqual([10, 'end']);
  });

  it('takes a running session up: the node arms it again, and its end stays where it was', async () => {
    const session = await controlPlane.session({ max_traces: 5 });
    await node.send(exportRequest(aTrace([session.id]), aTrace([session.id])));
    controlPlane = await controlPlane.restart();
    const lost = await controlPlane.sessionOf(session.id);
    expect([lost.state, lost.node_states[0]!.state, lost.ends_at, lost.started_at]).toEqual([
      'active',
      'lost',
      session.ends_at,
      session.started_at,
    ]);
    await node.reconnect(controlPlane.identity);
    await until(
      'the node to be armed',
      async () => (await controlPlane.sessionOf(session.id)).node_states[0]!.state === 'armed',
    );
    expect(node.desired).toMatchObject([{ id: session.id, remaining_traces: 3 }]);
    await node.send(exportRequest(...Array.from({ length: 9 }, () => aTrace([session.id]))));
    const over = await controlPlane.sessionIn('ended', session.id);
    expect([over.end_reason, over.counts.traces]).toEqual(['max_traces', 5]);
  });

  it('ends what should have ended meanwhile', async () => {
    const over = await controlPlane.session();
    controlPlane.sql('update sessions set ends_at = ? where id = ?', Date.now() - 1, over.id);
    controlPlane = await controlPlane.restart();
    const session = await controlPlane.sessionIn('ended', over.id);
    // Its node has not come back to say its last word.
    expect([session.end_reason, session.node_states[0]!.state]).toEqual(['duration', 'lost']);
  });

  it('fails what nobody armed, and ends what was about to', async () => {
    const [pending, draining] = [await controlPlane.session(), await controlPlane.session()];
    await controlPlane.stop();
    controlPlane.sql(
      "update sessions set state = 'pending', started_at = null, ends_at = null, created_at = created_at - 10000 where id = ?",
      pending.id,
    );
    controlPlane.sql(
      "update sessions set state = 'draining', end_reason = 'max_traces' where id = ?",
      draining.id,
    );
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir });
    expect((await controlPlane.sessionIn('ended', pending.id)).end_reason).toBe('failed');
    expect((await controlPlane.sessionIn('ended', draining.id)).end_reason).toBe('max_traces');
  });

  it('knows its nodes by the tokens they have', async () => {
    const { id } = await controlPlane.session();
    const authorization = `Bearer ${node.hello!.telemetry_token}`;
    controlPlane = await controlPlane.restart();
    await node.reconnect(controlPlane.identity);
    expect((await node.send(exportRequest(aTrace([id])), { headers: { authorization } })).status).toBe(200);
    expect(await controlPlane.tracesOf(id)).toHaveLength(1);
  });

  it('stores nothing twice that is sent again because the answer was lost', async () => {
    const { id } = await controlPlane.session();
    const batch = exportRequest(aTrace([id]), aTrace([id]));
    await node.send(batch);
    controlPlane = await controlPlane.restart();
    await node.reconnect(controlPlane.identity);
    await node.send(batch);
    expect((await controlPlane.sessionOf(id)).counts).toMatchObject({ traces: 2, spans: 4 });
  });
});

describe('a control plane whose power was cut', () => {
  it('has everything it acknowledged', async () => {
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const acknowledged: string[] = [];
    for (let batch = 0; batch < 10; batch++) {
      const traces = Array.from({ length: 30 }, () => aTrace([id]));
      expect((await node.send(exportRequest(...traces))).status).toBe(200);
      acknowledged.push(...traces.map(({ spans }) => spans[0]!.span_id));
    }
    await node.report(id, { seen: 300 });
    const { body: user } = await controlPlane.call<{ id: string }>('/users', {
      body: { email: 'ada@example.com', password: 'correct horse', role: 'viewer' },
    });
    const token = await controlPlane.token({ role: 'viewer' });
    await afterPowerCut();
    expect((await controlPlane.tracesOf(id)).map((trace) => trace.id).sort()).toEqual(acknowledged.sort());
    expect((await controlPlane.sessionOf(id)).counts).toMatchObject({ seen: 300, traces: 300, spans: 600 });
    expect((await controlPlane.call<List<{ id: string }>>('/users')).body.data.map((one) => one.id)).toEqual([
      user.id,
    ]);
    expect((await controlPlane.call('/me', { token })).status).toBe(200);
  });

  it('has of a batch in progress all or nothing, and counts what it has', async () => {
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const batches = Array.from({ length: 20 }, () =>
      node.send(exportRequest(...Array.from({ length: 50 }, () => aTrace([id])))),
    );
    await batches[0];
    await Promise.all([afterPowerCut(), Promise.allSettled(batches)]);
    const traces = await controlPlane.tracesOf(id);
    expect([traces.length > 0, traces.length % 50]).toEqual([true, 0]);
    expect((await controlPlane.sessionOf(id)).counts.traces).toBe(traces.length);
  });
});

describe('two control planes on one data directory', () => {
  it('one after the other keep the id of the default control plane and one key', async () => {
    const { body: before } = await controlPlane.call('/control-planes/default');
    controlPlane = await controlPlane.restart();
    const { body: after } = await controlPlane.call('/control-planes/default');
    expect({ ...after, nodes_connected: 1 }).toEqual(before);
    expect(controlPlane.sql('select count(*) as count from keys')).toEqual([{ count: 1 }]);
  });
});
