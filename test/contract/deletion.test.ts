import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { EventStream } from './support/event-stream.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest, type SentTrace } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let node: TestNode;

beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node();
});
afterEach(() => controlPlane.close());

const TABLES = ['sessions', 'session_nodes', 'session_counts', 'traces', 'events'];

/** A session with traces and counts. */
async function filled(): Promise<{ id: string; traces: SentTrace[]; wrappedKey: Buffer }> {
  const { id } = await controlPlane.session();
  const traces = Array.from({ length: 20 }, () => aTrace([id]));
  await node.send(exportRequest(...traces));
  await node.report(id, { seen: 30, matched: 20 });
  const [row] = controlPlane.sql<{ wrapped_key: ArrayBuffer }>(
    'select wrapped_key from sessions where id = ?',
    id,
  );
  return { id, traces, wrappedKey: Buffer.from(row!.wrapped_key) };
}

/** How many rows of each table belong to a session. */
function rowsOf(id: string): number[] {
  return TABLES.map((table) => {
    const column = table === 'sessions' ? 'id' : 'session_id';
    return controlPlane.sql<{ count: number }>(
      `select count(*) as count from ${table} where ${column} = ?`,
      id,
    )[0]!.count;
  });
}

function isOnDisk(bytes: string | Buffer): boolean {
  const paths = [controlPlane.databasePath, `${controlPlane.databasePath}-wal`];
  return paths.some((path) => existsSync(path) && readFileSync(path).includes(bytes));
}

const remove = async (id: string) => await controlPlane.call(`${SESSIONS}/${id}`, { method: 'DELETE' });

describe('a session that is deleted', () => {
  it('is gone with all that belongs to it, and leaves nothing on disk', async () => {
    const kept = await filled();
    const { id, traces, wrappedKey } = await filled();
    expect([isOnDisk(traces[0]!.traceId), isOnDisk(wrappedKey)]).toEqual([true, true]);
    const { status, body } = await remove(id);
    expect([status, body]).toEqual([204, '']);
    expect([isOnDisk(wrappedKey), traces.some(({ traceId }) => isOnDisk(traceId))]).toEqual([false, false]);
    expect(rowsOf(id)).toEqual([0, 0, 0, 0, 0]);
    for (const below of ['', '/traces', `/traces/${traces[0]!.traceId}`, '/events']) {
      expect((await controlPlane.call(`${SESSIONS}/${id}${below}`)).body).toMatchObject({
        status: 404,
        code: 'not_found',
      });
    }
    expect(await controlPlane.tracesOf(kept.id)).toHaveLength(20);
  });

  it('is taken off its nodes, and ended for those who listen', async () => {
    const { id } = await filled();
    const stream = await EventStream.open(controlPlane, id);
    await until('the snapshot', () => stream.events.length > 0);
    await remove(id);
    await until('the node to be told', () => node.desired.length === 0);
    expect(await stream.end()).toBe('closed');
    expect(stream.events.at(-1)!.event).toBe('end');
  });

  it('takes no traces any more', async () => {
    const { id } = await filled();
    await remove(id);
    expect((await node.send(exportRequest(aTrace([id])))).status).toBe(200);
    expect(rowsOf(id)).toEqual([0, 0, 0, 0, 0]);
  });

  it('can be deleted once, also while it drains and after it has ended', async () => {
    const [draining, ended] = [await filled(), await filled()];
    await controlPlane.call(`${SESSIONS}/${ended.id}/stop`, { method: 'POST' });
    await controlPlane.sessionIn('ended', ended.id);
    await controlPlane.call(`${SESSIONS}/${draining.id}/stop`, { method: 'POST' });
    expect([(await remove(draining.id)).status, (await remove(ended.id)).status]).toEqual([204, 204]);
    expect([(await remove(draining.id)).status, (await remove(ended.id)).status]).toEqual([404, 404]);
  });

  it('while traces of it come in leaves nothing behind and breaks nothing', async () => {
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const sent = Array.from({ length: 30 }, () =>
      node.send(exportRequest(...Array.from({ length: 10 }, () => aTrace([id])))),
    );
    const removal = remove(id);
    const statuses = new Set((await Promise.all(sent)).map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 404 && status !== 503)).toEqual([]);
    expect((await removal).status).toBe(204);
    expect(rowsOf(id)).toEqual([0, 0, 0, 0, 0]);
  });

  it('is noted in the audit log, without what was in it', async () => {
    const { id } = await filled();
    await remove(id);
    const { body } = await controlPlane.call<{ data: object[] }>('/audit-log?size=1');
    expect(body.data[0]).toMatchObject({ actor: 'admin', action: 'session.delete', target: id, details: {} });
  });
});

describe('retention', () => {
  const DAY_MS = 86_400_000;
  const dateBack = (id: string, days: number) =>
    controlPlane.sql(
      'update sessions set created_at = created_at - ?, expires_at = expires_at - ? where id = ?',
      days * DAY_MS,
      days * DAY_MS,
      id,
    );

  async function ended() {
    const session = await filled();
    await controlPlane.call(`${SESSIONS}/${session.id}/stop`, { method: 'POST' });
    await controlPlane.sessionIn('ended', session.id);
    return session;
  }

  it('deletes what is seven days old with all that belongs to it, and keeps what is younger', async () => {
    const [old, young] = [await ended(), await ended()];
    dateBack(old.id, 7);
    dateBack(young.id, 6.999);
    controlPlane = await controlPlane.restart();
    expect([rowsOf(old.id), rowsOf(young.id).map((count) => count > 0)]).toEqual([
      [0, 0, 0, 0, 0],
      [true, true, true, true, true],
    ]);
    expect((await controlPlane.call(`${SESSIONS}/${old.id}`)).status).toBe(404);
    expect(await controlPlane.tracesOf(young.id)).toHaveLength(20);
    expect([isOnDisk(old.wrappedKey), old.traces.some(({ traceId }) => isOnDisk(traceId))]).toEqual([
      false,
      false,
    ]);
    expect(controlPlane.lines.map(({ message }) => message)).toContain(
      'deleted 1 sessions whose time was up',
    );
  });

  it('deletes nothing early when the clock is behind what it was', async () => {
    const session = await ended();
    // As all sessions look after the clock was put back by a month.
    dateBack(session.id, -30);
    controlPlane = await controlPlane.restart();
    expect(rowsOf(session.id).every((count) => count > 0)).toBe(true);
    expect(await controlPlane.tracesOf(session.id)).toHaveLength(20);
  });

  it('forgets sign-in links and signed-in browsers whose time is up', async () => {
    for (const token of [
      await controlPlane.server.authenticator.newSignInToken(),
      await controlPlane.server.authenticator.newSignInToken(),
    ]) {
      await controlPlane.call('/login', { token: null, body: { sign_in_token: token } });
    }
    await controlPlane.server.authenticator.newSignInToken();
    controlPlane.sql(
      'update web_sessions set expires_at = 0 where hash = (select hash from web_sessions limit 1)',
    );
    controlPlane.sql('update sign_in_links set expires_at = 0');
    controlPlane = await controlPlane.restart();
    const counts = ['web_sessions', 'sign_in_links'].map(
      (table) => controlPlane.sql(`select count(*) as count from ${table}`)[0],
    );
    expect(counts).toEqual([{ count: 1 }, { count: 0 }]);
  });
});
