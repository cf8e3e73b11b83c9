import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Key, List, Session } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let node: TestNode;
beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node();
});
afterEach(() => controlPlane.close());

const path = (name: string) => join(controlPlane.dataDir, `${name}.key`);
const act = (id: string, action: string) =>
  controlPlane.call<Key>(`/keys/${id}/${action}`, { method: 'POST' });
const list = async () => (await controlPlane.call<List<Key>>('/keys')).body.data;

async function add(name: string): Promise<Key> {
  const { status, body } = await controlPlane.call<Key>('/keys', {
    body: { name, provider: 'local', config: { path: path(name) } },
  });
  expect([status, body]).toMatchObject([
    201,
    { name, provider: 'local', state: 'inactive', activated_at: null },
  ]);
  return body;
}

/** A session with a trace in it. */
async function captured(): Promise<Session & { readonly trace: string }> {
  const session = await controlPlane.session();
  const trace = aTrace([session.id]);
  await node.send(exportRequest(trace));
  return { ...session, trace: trace.traceId };
}
const read = (session: { id: string }) => controlPlane.call(`${SESSIONS}/${session.id}/traces`);

describe('keys', () => {
  it('are registered, activated, rotated, disabled and enabled again; what they sealed stays readable or says why not', async () => {
    const [first] = await list();
    expect(first).toMatchObject({ name: 'local', provider: 'local', state: 'active', reason: null });
    const old = await captured();
    const key = await add('second');
    expect(statSync(path('second')).mode & 0o777).toBe(0o600);
    expect((await act(key.id, 'activate')).body).toMatchObject({ state: 'active', reason: null });
    expect((await list()).map(({ state }) => state)).toEqual(['inactive', 'active']);
    const session = await captured();
    const wrapped = () =>
      controlPlane.sql<{ key_id: string; wrapped: string }>(
        'select key_id, hex(wrapped_key) as wrapped from sessions where id = ?',
        session.id,
      )[0]!;
    const before = wrapped();
    expect(before.key_id).toBe(key.id);
    expect((await act(key.id, 'rotate')).status).toBe(200);
    await expect.poll(() => wrapped().wrapped).not.toBe(before.wrapped);
    expect(existsSync(`${path('second')}.2`)).toBe(true);
    expect([(await read(session)).status, (await read(old)).status]).toEqual([200, 200]);

    expect((await act(key.id, 'disable')).body).toMatchObject({
      state: 'disabled',
      reason: expect.any(String),
    });
    const unreadable = await read(session);
    expect([unreadable.status, unreadable.body]).toMatchObject([503, { code: 'key_unavailable' }]);
    expect((unreadable.body as { detail: string }).detail).toContain('key second is disabled');
    expect((await read(old)).status).toBe(200);
    expect((await controlPlane.call(SESSIONS, { body: {} })).body).toMatchObject({ code: 'key_unavailable' });
    expect((await act(key.id, 'rotate')).status).toBe(409);

    controlPlane = await controlPlane.restart();
    expect((await read(session)).status).toBe(503);
    expect((await act(key.id, 'activate')).body).toMatchObject({ state: 'active', reason: null });
    expect((await read(session)).status).toBe(200);
    const { body } = await controlPlane.call<{ data: { action: string; target: string }[] }>('/audit-log');
    const acts = body.data.filter(({ target }) => target === key.id).map(({ action }) => action);
    expect(acts.reverse()).toEqual(['key.add', 'key.activate', 'key.rotate', 'key.disable', 'key.activate']);
  });

  it('that are disabled cost the sessions sealed with them their traces, and no other', async () => {
    const ofFirst = await controlPlane.session();
    const [first] = await list();
    const key = await add('second');
    await act(key.id, 'activate');
    const ofSecond = await controlPlane.session();
    await act(first!.id, 'disable');
    const both = aTrace([ofFirst.id, ofSecond.id]);
    expect((await node.send(exportRequest(both))).status).toBe(200);
    expect(await controlPlane.tracesOf(ofSecond.id)).toHaveLength(1);
    const { counts } = await controlPlane.sessionOf(ofFirst.id);
    expect([counts.traces, counts.dropped]).toEqual([0, { key_unavailable: 1 }]);
  });

  it('are wrapped by a new version after a restart where that did not come to its end before', async () => {
    const key = await add('second');
    await act(key.id, 'activate');
    const session = await captured();
    const select = 'select hex(wrapped_key) as wrapped from sessions where id = ?';
    const wrapped = () => controlPlane.sql<{ wrapped: string }>(select, session.id)[0]!.wrapped;
    const first = wrapped();
    await act(key.id, 'rotate');
    await expect.poll(wrapped).not.toBe(first);
    const pending = () => controlPlane.sql("select name from settings where name like 'rewrap.%'");
    await expect.poll(pending).toEqual([]);
    // As a process leaves it that is killed between the new version and the first data key.
    controlPlane.sql('update sessions set wrapped_key = unhex(?) where id = ?', first, session.id);
    controlPlane.sql(
      "insert into settings (name, value) select 'rewrap.' || id, config from keys where id = ?",
      key.id,
    );
    controlPlane = await controlPlane.restart();
    await expect.poll(pending).toEqual([]);
    expect(wrapped()).not.toBe(first);
    expect((await read(session)).status).toBe(200);
  });

  it('that are gone are shown as unreachable, with the reason, and are not made anew', async () => {
    const key = await add('second');
    await act(key.id, 'activate');
    const session = await captured();
    controlPlane = await controlPlane.restart();
    rmSync(path('second'));
    const { body } = await controlPlane.call<Key>(`/keys/${key.id}`);
    expect(body).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('put it back') as string,
    });
    expect((await read(session)).status).toBe(503);
    expect((await act(key.id, 'activate')).status).toBe(503);
    expect(existsSync(path('second'))).toBe(false);
  });

  it('are for organisation admins, named once, and reached before they are taken', async () => {
    const token = await controlPlane.token({ role: 'control_plane_admin', control_planes: 'all' });
    for (const [method, below] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/x'],
      ['POST', '/x/rotate'],
    ] as const)
      expect((await controlPlane.call(`/keys${below}`, { method, token })).status).toBe(403);
    await add('second');
    const again = { name: 'second', provider: 'local', config: { path: path('third') } };
    expect((await controlPlane.call('/keys', { body: again })).body).toMatchObject({ code: 'conflict' });
    for (const [config, detail] of [
      [
        { library: '/nowhere.so', token_label: 't', key_label: 'k', pin_env: 'NO_PIN' },
        '/nowhere.so is missing',
      ],
    ] as const) {
      const { status, body } = await controlPlane.call('/keys', {
        body: { name: 'hsm', provider: 'pkcs11', config },
      });
      expect([status, body]).toMatchObject([400, { code: 'invalid_request' }]);
      expect((body as { detail: string }).detail).toContain(detail);
    }
    const wrong = { name: 'x', provider: 'local', config: { path: 'relative.key' } };
    expect((await controlPlane.call('/keys', { body: wrong })).status).toBe(400);
    expect((await act('none', 'activate')).status).toBe(404);
    expect(await list()).toHaveLength(2);
  });
});
