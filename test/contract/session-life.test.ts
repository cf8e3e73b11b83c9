import type { Session } from '@gatescope/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { NodeOptions, TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let nodes: TestNode[];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
beforeEach(() => {
  nodes = [];
});
afterEach(async () => {
  await controlPlane.deleteSessions();
  for (const node of nodes) await gone(node);
});
afterAll(() => controlPlane.close());

async function connect(options: NodeOptions = {}): Promise<TestNode> {
  const node = await controlPlane.node(options);
  nodes.push(node);
  return node;
}

/** Ends a node's connection and waits for the control plane to know. */
async function gone(node: TestNode): Promise<void> {
  node.close();
  await until('the node to be gone', async () => !(await controlPlane.isConnected(node.id)));
}

const stop = async (id: string) =>
  await controlPlane.call<Session & { code?: string }>(`${SESSIONS}/${id}/stop`, { method: 'POST' });
const patch = async (id: string, body: object) =>
  await controlPlane.call<Session & { code?: string }>(`${SESSIONS}/${id}`, { method: 'PATCH', body });

function stateOn(session: Session, node: TestNode) {
  const found = session.node_states.find(({ node_id }) => node_id === node.id);
  return found === undefined ? null : found.state;
}

describe('arming', () => {
  it('starts the session when the first node says that it is armed', async () => {
    let arm = () => {};
    const slow = await connect({
      onSync: ({ sessions }) => {
        const answer = {
          sessions: sessions.map(({ id }) => ({ id, state: 'armed' as const, reason: null })),
        };
        return sessions.length === 0 ? answer : new Promise((resolve) => (arm = () => resolve(answer)));
      },
    });
    const { body } = await controlPlane.call<Session>(SESSIONS, { body: {} });
    expect([body.state, body.started_at, body.ends_at, stateOn(body, slow)]).toEqual([
      'pending',
      null,
      null,
      'pending',
    ]);
    arm();
    const active = await controlPlane.sessionIn('active', body.id);
    expect([stateOn(active, slow), active.started_at]).toEqual(['armed', active.node_states[0]!.armed_at]);
  });

  it('goes on where one node refuses, with its reason', async () => {
    const good = await connect();
    const bad = await connect({
      onSync: ({ sessions }) => ({
        sessions: sessions.map(({ id }) => ({ id, state: 'refused', reason: 'no memory left' })),
      }),
    });
    const session = await controlPlane.session();
    expect(session.node_states.find(({ node_id }) => node_id === bad.id)).toEqual({
      node_id: bad.id,
      state: 'refused',
      armed_at: null,
      reason: 'no memory left',
    });
    expect(stateOn(session, good)).toBe('armed');
  });

  it('takes in nodes that connect later where all were asked for', async () => {
    const first = await connect();
    const session = await controlPlane.session();
    const late = await connect();
    await until(
      'the late node to be armed',
      async () => stateOn(await controlPlane.sessionOf(session.id), late) === 'armed',
    );
    expect(late.desired).toMatchObject([{ id: session.id }]);
    expect((await controlPlane.sessionOf(session.id)).started_at).toBe(session.started_at);
    expect(stateOn(session, first)).toBe('armed');
  });

  it('leaves nodes out that were not named', async () => {
    const [named, other] = [await connect(), await connect()];
    const session = await controlPlane.session({ nodes: [named.id] });
    const late = await connect();
    await until('the sync of the late node', () => late.syncs.length > 0);
    expect([other.desired, late.desired]).toEqual([[], []]);
    expect((await controlPlane.sessionOf(session.id)).node_states.map(({ node_id }) => node_id)).toEqual([
      named.id,
    ]);
  });

  it('waits for a named node that is not connected', async () => {
    const node = await connect();
    await gone(node);
    const { body } = await controlPlane.call<Session>(SESSIONS, { body: { nodes: [node.id] } });
    expect([body.state, stateOn(body, node)]).toEqual(['pending', 'pending']);
    await node.reconnect();
    await controlPlane.sessionIn('active', body.id);
  });

  it('tells a node what is left, so that clocks need not agree', async () => {
    const node = await connect();
    const { id } = await controlPlane.session({ duration_seconds: 100, max_traces: 5 });
    await node.send(exportRequest(aTrace([id]), aTrace([id])));
    await gone(node);
    await node.reconnect();
    await until(
      'the session on the node',
      () => node.desired.length === 1 && node.desired[0]!.remaining_traces === 3,
    );
    expect(node.desired[0]!.remaining_ms).toBeLessThan(100_000);
    expect(node.desired[0]!.remaining_ms).toBeGreaterThan(80_000);
  });

  it('asks again where a node does not understand', async () => {
    let asked = 0;
    const node = await connect({
      onSync: ({ sessions }) => {
        if (sessions.length > 0 && asked++ === 0) throw new Error('not now');
        return { sessions: sessions.map(({ id }) => ({ id, state: 'armed', reason: null })) };
      },
    });
    const { body } = await controlPlane.call<Session>(SESSIONS, { body: {} });
    expect(stateOn(await controlPlane.sessionIn('active', body.id), node)).toBe('armed');
  });
});

describe('a node that is lost', () => {
  it('is shown as lost, and armed again once it is back, as it was first', async () => {
    const node = await connect();
    const session = await controlPlane.session();
    await gone(node);
    const lost = await controlPlane.sessionOf(session.id);
    expect([lost.state, lost.node_states]).toEqual([
      'active',
      [
        {
          node_id: node.id,
          state: 'lost',
          armed_at: session.node_states[0]!.armed_at,
          reason: 'the node lost its connection',
        },
      ],
    ]);
    await node.reconnect();
    const back = await until('the node to be armed again', async () => {
      const now = await controlPlane.sessionOf(session.id);
      return stateOn(now, node) === 'armed' ? now : null;
    });
    expect(back.node_states).toEqual(session.node_states);
  });

  it('has its counts kept, and those of its new counters added', async () => {
    const node = await connect();
    const { id } = await controlPlane.session();
    await node.report(id, { seen: 100, matched: 10, dropped: { queue_full: 2 } });
    await gone(node);
    node.newEpoch();
    await node.reconnect();
    await node.report(id, { seen: 5, matched: 1, dropped: { queue_full: 1, rejected: 4 } });
    await node.report(id, { seen: 7, matched: 2, dropped: { queue_full: 1, rejected: 4 } });
    const { counts } = await controlPlane.sessionOf(id);
    expect(counts).toEqual({
      seen: 107,
      matched: 12,
      traces: 0,
      spans: 0,
      logs: 0,
      dropped: { queue_full: 3, rejected: 4 },
    });
  });
});

describe('counts', () => {
  it('of several nodes are added; traces and spans are those that are stored', async () => {
    const [a, b] = [await connect(), await connect()];
    const { id } = await controlPlane.session();
    await a.report(id, { seen: 10, matched: 3, traces: 99, spans: 999 });
    await b.report(id, { seen: 5, matched: 2, dropped: { export_failed: 1 } });
    await a.send(exportRequest(aTrace([id])));
    await b.send(exportRequest(aTrace([id]), aTrace([id], { spans: [{}] })));
    const { counts } = await controlPlane.sessionOf(id);
    expect(counts).toEqual({
      seen: 15,
      matched: 5,
      traces: 3,
      spans: 7,
      logs: 0,
      dropped: { export_failed: 1 },
    });
  });

  it('of a session are not changed by a node it is not on', async () => {
    const [a, b] = [await connect(), await connect()];
    const { id } = await controlPlane.session({ nodes: [a.id] });
    await b.report(id, { seen: 10 });
    await b.report('no-such-session', { seen: 10 });
    expect((await controlPlane.sessionOf(id)).counts.seen).toBe(0);
  });
});

describe('stopping', () => {
  it('takes the session off its nodes and ends it when they have said their last word', async () => {
    const node = await connect({ reportsDisarmed: false });
    const session = await controlPlane.session();
    const { status, body } = await stop(session.id);
    expect([status, body.state, body.end_reason, body.ended_at]).toEqual([200, 'draining', 'stopped', null]);
    await until('the node to be told', () => node.desired.length === 0);
    expect((await controlPlane.sessionOf(session.id)).state).toBe('draining');
    await node.report(session.id, { seen: 3, matched: 1 }, true);
    const ended = await controlPlane.sessionIn('ended', session.id);
    expect([ended.end_reason, ended.counts.seen, stateOn(ended, node)]).toEqual(['stopped', 3, 'ended']);
    expect(Date.parse(ended.ended_at!)).toBeGreaterThanOrEqual(Date.parse(ended.started_at!));
  });

  it('of a session that is over is refused', async () => {
    await connect();
    const { id } = await controlPlane.session();
    await stop(id);
    expect((await stop(id)).body).toMatchObject({ status: 409, code: 'session_ended' });
    await controlPlane.sessionIn('ended', id);
    expect((await stop(id)).body).toMatchObject({ status: 409, code: 'session_ended' });
  });

  it('that two ask for at the same moment is done once', async () => {
    await connect();
    const { id } = await controlPlane.session();
    const answers = await Promise.all([stop(id), stop(id), stop(id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('of a session whose nodes are all gone ends it at once', async () => {
    const node = await connect();
    const { id } = await controlPlane.session();
    await gone(node);
    expect((await stop(id)).body.state).toBe('ended');
  });

  it('does not touch the other sessions of the node', async () => {
    const node = await connect();
    const [one, two] = [await controlPlane.session(), await controlPlane.session()];
    await stop(one.id);
    await until('the node to be told', () => node.desired.length === 1);
    expect(node.desired).toMatchObject([{ id: two.id }]);
    expect((await controlPlane.sessionOf(two.id)).state).toBe('active');
  });
});

describe('changing a session', () => {
  it('renames it, and gives it more time and more traces, also on its nodes', async () => {
    const node = await connect();
    const session = await controlPlane.session({ name: 'before', duration_seconds: 60, max_traces: 10 });
    const { status, body } = await patch(session.id, {
      name: 'after',
      duration_seconds: 1_800,
      max_traces: 20,
    });
    expect([status, body]).toEqual([
      200,
      {
        ...session,
        name: 'after',
        duration_seconds: 1_800,
        max_traces: 20,
        ends_at: new Date(Date.parse(session.started_at!) + 1_800_000).toISOString(),
      },
    ]);
    await until(
      'the node to be told',
      () => node.desired[0]!.remaining_traces === 20 && node.desired[0]!.remaining_ms > 1_700_000,
    );
  });

  it('to no more traces than it has ends it', async () => {
    const node = await connect();
    const { id } = await controlPlane.session();
    await node.send(exportRequest(aTrace([id]), aTrace([id]), aTrace([id])));
    await patch(id, { max_traces: 3 });
    const ended = await controlPlane.sessionIn('ended', id);
    expect([ended.end_reason, ended.max_traces, ended.counts.traces]).toEqual(['max_traces', 3, 3]);
  });

  it('to fewer traces than it has is refused: there are never more than asked for', async () => {
    const node = await connect();
    const { id } = await controlPlane.session();
    await node.send(exportRequest(aTrace([id]), aTrace([id]), aTrace([id])));
    const { body } = await patch(id, { max_traces: 2 });
    expect(body).toMatchObject({ status: 409, code: 'conflict' });
    expect(await controlPlane.sessionOf(id)).toMatchObject({ state: 'active', max_traces: 200 });
  });

  it('to a time that is over ends it', async () => {
    await connect();
    const { id } = await controlPlane.session();
    controlPlane.sql('update sessions set started_at = started_at - 60000 where id = ?', id);
    await patch(id, { duration_seconds: 30 });
    expect((await controlPlane.sessionIn('ended', id)).end_reason).toBe('duration');
  });

  it('that is over changes its name alone', async () => {
    await connect();
    const { id } = await controlPlane.session();
    await stop(id);
    await controlPlane.sessionIn('ended', id);
    expect((await patch(id, { duration_seconds: 60 })).body).toMatchObject({
      status: 409,
      code: 'session_ended',
    });
    expect((await patch(id, { max_traces: 60 })).body).toMatchObject({ status: 409, code: 'session_ended' });
    expect((await patch(id, { name: 'kept' })).body).toMatchObject({
      state: 'ended',
      name: 'kept',
      max_traces: 200,
    });
  });

  it.each([
    ['name', { name: 'x'.repeat(201) }],
    ['duration_seconds', { duration_seconds: 9 }],
    ['max_traces', { max_traces: 10_001 }],
    ['rule', { rule: 'http.method==GET' }],
  ])('is refused with the place of what is wrong: %s', async (path, change) => {
    await connect();
    const { id } = await controlPlane.session();
    expect((await patch(id, change)).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path }],
    });
  });
});

describe('sessions at the same time', () => {
  it('are no more than a node takes', async () => {
    await connect();
    const { id } = await controlPlane.session();
    const columns = controlPlane
      .sql<{ name: string }>("select name from pragma_table_info('sessions')")
      .map(({ name }) => name);
    // 255 more that are like it, without the time it takes to start them.
    controlPlane.sql(
      `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 255)
       insert into sessions (${columns.join()}) select 'copy-' || n, ${columns.slice(1).join()} from numbers, sessions where id = ?`,
      id,
    );
    const { body } = await controlPlane.call(SESSIONS, { body: {} });
    expect(body).toMatchObject({ status: 409, code: 'conflict' });
    await stop(id);
    expect((await controlPlane.call(SESSIONS, { body: {} })).status).toBe(201);
    controlPlane.sql("delete from sessions where id like 'copy-%'");
  });
});
