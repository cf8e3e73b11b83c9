import { type IncomingMessage, request } from 'node:http';
import type { Session } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ADMIN_TOKEN, SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

/** These take their seconds by the contract; they run side by side, each on a control plane of its own. */
describe.concurrent('by the clock', () => {
  const started: TestControlPlane[] = [];
  const start = async () => {
    const controlPlane = await TestControlPlane.start();
    started.push(controlPlane);
    return controlPlane;
  };

  beforeAll(() => {
    started.length = 0;
  });
  afterAll(async () => {
    for (const controlPlane of started) await controlPlane.close();
  });

  it('a session ends after its duration, once its nodes have said their last word', async () => {
    const controlPlane = await start();
    const node = await controlPlane.node();
    const { id } = await controlPlane.session({ duration_seconds: 10 });
    const ended = await controlPlane.sessionIn('ended', id);
    expect([ended.end_reason, Date.parse(ended.ends_at!) - Date.parse(ended.started_at!)]).toEqual([
      'duration',
      10_000,
    ]);
    expect(Date.parse(ended.ended_at!) - Date.parse(ended.ends_at!)).toBeGreaterThanOrEqual(0);
    expect(Date.parse(ended.ended_at!) - Date.parse(ended.ends_at!)).toBeLessThan(2_000);
    expect(node.desired).toEqual([]);
  });

  it('a session does not wait for a node that said its last word before it was told', async () => {
    const controlPlane = await start();
    const node = await controlPlane.node({ reportsDisarmed: false });
    const { id } = await controlPlane.session({ duration_seconds: 10 });
    await node.report(id, { seen: 4 }, true);
    const ended = await controlPlane.sessionIn('ended', id);
    expect(Date.parse(ended.ended_at!) - Date.parse(ended.ends_at!)).toBeLessThan(2_000);
    expect(ended.counts.seen).toBe(4);
  });

  it('a session that no node armed within ten seconds has failed', async () => {
    const controlPlane = await start();
    const refusal = { state: 'refused' as const, reason: 'no memory left' };
    const node = await controlPlane.node({
      onSync: ({ sessions }) => ({ sessions: sessions.map(({ id }) => ({ id, ...refusal })) }),
    });
    const { body } = await controlPlane.call<Session>(SESSIONS, { body: {} });
    expect([body.state, body.node_states]).toEqual([
      'pending',
      [{ node_id: node.id, armed_at: null, ...refusal }],
    ]);
    const ended = await controlPlane.sessionIn('ended', body.id);
    expect([ended.end_reason, ended.started_at, ended.node_states]).toEqual([
      'failed',
      null,
      body.node_states,
    ]);
    const afterMs = Date.parse(ended.ended_at!) - Date.parse(ended.created_at);
    expect([afterMs >= 10_000, afterMs < 12_000]).toEqual([true, true]);
  });

  it('sessions that start at the same moment outlive the time to arm them', async () => {
    const controlPlane = await start();
    await controlPlane.node();
    const absent = await controlPlane.node();
    absent.close();
    await until('the node to be gone', async () => !(await controlPlane.isConnected(absent.id)));
    const start20 = Array.from({ length: 20 }, () => controlPlane.call<Session>(SESSIONS, { body: {} }));
    const answers = await Promise.all(start20);
    const last = await controlPlane.call<Session>(SESSIONS, { body: { nodes: [absent.id] } });
    expect((await controlPlane.sessionIn('ended', last.body.id)).end_reason).toBe('failed');
    const states = await Promise.all(answers.map(({ body }) => controlPlane.sessionOf(body.id)));
    expect(states.map(({ state }) => state)).toEqual(states.map(() => 'active'));
  });

  it('a session waits three seconds for a node that says nothing', async () => {
    const controlPlane = await start();
    await controlPlane.node({ reportsDisarmed: false });
    const { id } = await controlPlane.session();
    const { body } = await controlPlane.call<Session>(`${SESSIONS}/${id}/stop`, { method: 'POST' });
    expect(body.state).toBe('draining');
    const from = performance.now();
    await controlPlane.sessionIn('ended', id);
    const tookMs = performance.now() - from;
    expect([tookMs > 2_500, tookMs < 5_000]).toEqual([true, true]);
  });

  it('a listener that takes nothing of what it missed is cut after ten seconds', async () => {
    const controlPlane = await start();
    const node = await controlPlane.node();
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const long = `http://shop.example.com/${'x'.repeat(60_000)}`;
    for (let batch = 0; batch < 10; batch++) {
      await node.send(
        exportRequest(
          ...Array.from({ length: 20 }, () => aTrace([id], { attributes: { 'url.full': long } })),
        ),
      );
    }
    const response = await new Promise<IncomingMessage>((resolve) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'last-event-id': '0' };
      request(`${controlPlane.url}/api/v1${SESSIONS}/${id}/events`, { headers }, resolve).end();
    });
    response.pause();
    const from = performance.now();
    await until('it to be cut', async () =>
      /^gatescope_event_listeners 0$/m.test(await (await controlPlane.fetch('/metrics')).text()),
    );
    expect(performance.now() - from).toBeGreaterThan(9_000);
    response.on('error', () => undefined).resume();
  });
});
