import { readFileSync } from 'node:fs';
import type { List, Payload, PayloadCapture, Session } from '@gatescope/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

interface AuditEntry {
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  readonly details: unknown;
}

const SETTING = '/settings/payload-capture';
const MESSAGE = {
  headers: [['Content-Type', 'text/plain']] as [string, string][],
  body: {
    text: 'hello telltale-payload',
    content_type: 'text/plain',
    content_encoding: null,
    size_bytes: 22,
    captured_bytes: 22,
    truncated: false,
  },
  redactions: [{ where: 'body', rule: 'card', count: 1 }],
};
const PAYLOAD: Payload = {
  client_request: MESSAGE,
  upstream_request: { ...MESSAGE, body: null },
  upstream_response: null,
  client_response: { ...MESSAGE, body: { ...MESSAGE.body, base64: 'AAEC', text: undefined } } as never,
};
delete (PAYLOAD.client_response!.body as { text?: string }).text;

let cp: TestControlPlane;
let node: TestNode;
beforeAll(async () => {
  cp = await TestControlPlane.start();
  node = await cp.node();
});
afterEach(async () => {
  await cp.deleteSessions();
  await cp.call(SETTING, { method: 'PUT', body: { enabled: false } });
});
afterAll(async () => await cp.close());

async function optIn(): Promise<PayloadCapture> {
  const { body } = await cp.call<PayloadCapture>(SETTING);
  const agreed = { enabled: true, agreement_text: body.agreement_text };
  return (await cp.call<PayloadCapture>(SETTING, { method: 'PUT', body: agreed })).body;
}

/** Sends a trace with a payload and answers the path of the payload. */
async function captured(session: Session, payload: unknown = { ...PAYLOAD, query: null }): Promise<string> {
  const trace = { ...aTrace([session.id]), payload };
  const { status } = await node.send(exportRequest(trace));
  if (status !== 200) throw new Error(`answered ${status}`);
  return `${SESSIONS}/${session.id}/traces/${trace.spans[0]!.span_id}/payload`;
}

const HEADERS = { capture: { headers: true } };

describe('GET and PUT /settings/payload-capture', () => {
  it('are off until an admin of the organisation agrees to the text, and say who did and when', async () => {
    const before = (await cp.call<PayloadCapture>(SETTING)).body;
    expect(before).toEqual({
      enabled: false,
      agreement_text: expect.stringMatching(/payload:read/),
      agreed_by: null,
      agreed_at: null,
    });
    const from = Date.now();
    const after = await optIn();
    expect(after).toEqual({ ...before, enabled: true, agreed_by: 'admin', agreed_at: expect.any(String) });
    expect(Date.parse(after.agreed_at!)).toBeGreaterThanOrEqual(from);
    expect((await cp.call(SETTING)).body).toEqual(after);
    const { body } = await cp.call<List<AuditEntry>>('/audit-log?size=1');
    expect(body.data[0]).toMatchObject({ action: 'payload_capture.agree', actor: 'admin' });
  });

  it('take no other text than the one shown', async () => {
    for (const body of [{ enabled: true }, { enabled: true, agreement_text: 'yes' }]) {
      const answer = await cp.call(SETTING, { method: 'PUT', body });
      expect([answer.status, answer.body.code, answer.body.errors?.[0]?.path]).toEqual([
        400,
        'invalid_request',
        'agreement_text',
      ]);
    }
    expect(await cp.call(SETTING, { method: 'PUT', body: {} })).toMatchObject({ status: 400 });
  });

  it('are shown to everybody, and changed by nobody below an admin of the organisation', async () => {
    for (const role of ['viewer', 'control_plane_admin']) {
      const token = await cp.token({ role });
      expect(await cp.call(SETTING, { token })).toMatchObject({ status: 200 });
      const answer = await cp.call(SETTING, { token, method: 'PUT', body: { enabled: false } });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect(await cp.call(SETTING, { token: null })).toMatchObject({ status: 401 });
  });
});

describe('a session that captures headers or bodies', () => {
  it('is refused until the organisation has agreed, and after it has withdrawn', async () => {
    for (const capture of [{ headers: true }, { bodies: true }]) {
      expect(await cp.call(SESSIONS, { body: { capture } })).toMatchObject({
        status: 403,
        body: { code: 'payload_capture_not_enabled' },
      });
    }
    await optIn();
    const session = await cp.session({ capture: { headers: true, bodies: true, body_bytes_max: 10 } });
    expect(node.desired.find(({ id }) => id === session.id)?.capture).toMatchObject({
      headers: true,
      bodies: true,
      body_bytes_max: 10,
    });
    await cp.call(SETTING, { method: 'PUT', body: { enabled: false } });
    expect(await cp.call(SESSIONS, { body: HEADERS })).toMatchObject({ status: 403 });
  });

  it('goes on without them once the organisation withdraws: nodes are told, and nothing more is taken', async () => {
    await optIn();
    const session = await cp.session({ capture: { headers: true, bodies: true, logs: 'info' } });
    const kept = await captured(session);
    await cp.call(SETTING, { method: 'PUT', body: { enabled: false } });
    const without = { headers: false, bodies: false, logs: 'info' };
    expect(node.desired.find(({ id }) => id === session.id)?.capture).toMatchObject(without);
    expect(await cp.sessionOf(session.id)).toMatchObject({ state: 'active', capture: without });
    const late = await captured(session);
    expect(await cp.call(late)).toMatchObject({ status: 404, body: { code: 'not_captured' } });
    expect(await cp.call(kept)).toMatchObject({ status: 200 });
    // Nor does a new agreement bring them back.
    await optIn();
    expect((await cp.sessionOf(session.id)).capture).toMatchObject(without);
  });
});

describe('GET …/traces/{trace}/payload', () => {
  it('gives what was captured, and notes who read it', async () => {
    await optIn();
    const session = await cp.session(HEADERS);
    const path = await captured(session, { ...PAYLOAD, query: 'a=1' });
    expect(await cp.call(path)).toMatchObject({ status: 200, body: PAYLOAD });
    expect(Object.keys((await cp.call<Payload>(path)).body)).toEqual(Object.keys(PAYLOAD));
    const [trace] = await cp.tracesOf(session.id);
    expect(trace).toMatchObject({ has_payload: true });
    expect(await cp.call(path.replace(trace!.id, trace!.trace_id))).toMatchObject({ body: PAYLOAD });
    const { body } = await cp.call<List<AuditEntry>>('/audit-log?size=1');
    expect(body.data[0]).toMatchObject({
      action: 'payload.read',
      actor: 'admin',
      target: trace!.id,
      details: { session: session.id, trace_id: trace!.trace_id },
    });
    expect(JSON.stringify(body.data)).not.toContain('telltale-payload');
  });

  it('needs the right payload:read, whatever the role, and tells nothing without it', async () => {
    await optIn();
    const path = await captured(await cp.session(HEADERS));
    const unable = await cp.token({ role: 'org_admin' });
    for (const one of [path, `${SESSIONS}/no-session/traces/7/payload`])
      expect(await cp.call(one, { token: unable })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    const able = await cp.token({ role: 'viewer', payload_read: true });
    expect(await cp.call(path, { token: able })).toMatchObject({ status: 200 });
  });

  it('says of a session that did not ask for it, and of a trace without one, that nothing was captured', async () => {
    await optIn();
    const silent = await captured(await cp.session({}));
    expect(await cp.call(silent)).toMatchObject({ status: 404, body: { code: 'not_captured' } });
    const session = await cp.session(HEADERS);
    const trace = aTrace([session.id]);
    await node.send(exportRequest(trace));
    const path = `${SESSIONS}/${session.id}/traces/${trace.traceId}/payload`;
    expect(await cp.call(path)).toMatchObject({ status: 404, body: { code: 'not_captured' } });
    expect(await cp.call(`${SESSIONS}/${session.id}/traces/${'0'.repeat(16)}/payload`)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  it('takes from nodes what has the shape of a payload and nothing else', async () => {
    await optIn();
    const session = await cp.session(HEADERS);
    for (const payload of [
      7,
      {},
      PAYLOAD,
      { ...PAYLOAD, query: null, client_request: { headers: [['a']] } },
    ]) {
      const trace = { ...aTrace([session.id]), payload };
      expect(await node.send(exportRequest(trace))).toMatchObject({ status: 400 });
    }
    expect(await cp.tracesOf(session.id)).toEqual([]);
  });

  it('is sealed, and goes with the session', async () => {
    await optIn();
    const session = await cp.session(HEADERS);
    await captured(session);
    const [row] = cp.sql<{ sealed_payload: Buffer }>('select sealed_payload from payloads');
    expect(Buffer.from(row!.sealed_payload).includes('telltale')).toBe(false);
    await cp.call(`${SESSIONS}/${session.id}`, { method: 'DELETE' });
    expect(cp.sql('select * from payloads')).toEqual([]);
  });

  it('is deleted earlier than its session where it is kept for less', async () => {
    await optIn();
    const [old, young] = [await cp.session(HEADERS), await cp.session(HEADERS)];
    const [oldPath, youngPath] = [await captured(old), await captured(young)];
    const [{ sealed_payload: sealed }] = cp.sql<{ sealed_payload: Buffer }>(
      'select sealed_payload from payloads where session_id = ?',
      old.id,
    ) as [{ sealed_payload: Buffer }];
    cp.sql('update sessions set created_at = created_at - 3600000 where id = ?', old.id);
    cp = await cp.restart({ payloadRetentionMs: 3_600_000 });
    node = await cp.node();
    expect((await cp.call(oldPath)).status).toBe(404);
    expect((await cp.call(youngPath)).status).toBe(200);
    expect(await cp.tracesOf(old.id)).toMatchObject([{ has_payload: false }]);
    expect(await cp.tracesOf(young.id)).toMatchObject([{ has_payload: true }]);
    expect(readFileSync(cp.databasePath).includes(Buffer.from(sealed))).toBe(false);
    expect(cp.lines.map(({ message }) => message)).toContain('deleted the headers and bodies of 1 requests');
  });
});
