import type {
  AuditEntry,
  CreatedToken,
  List,
  Node,
  NodeCertificate,
  Problem,
  Session,
} from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CertifiedKey,
  newAuthority,
  newCertificate,
  validFor,
} from '../../packages/cli/src/setup/certificate-maker.ts';
import { until } from '../support/until.ts';
import { CONFIG, TestControlPlane } from './support/control-plane.ts';
import { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

const DAY_MS = 86_400_000;
const EXPIRED = { from: Date.now() - 10 * DAY_MS, to: Date.now() - DAY_MS };
const TOMORROW = { from: Date.now() + DAY_MS, to: Date.now() + 10 * DAY_MS };

let controlPlane: TestControlPlane;
let euAuthority: CertifiedKey;
let usAuthority: CertifiedKey;
const nodes: TestNode[] = [];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  euAuthority = await newAuthority('eu', validFor(10));
  usAuthority = await newAuthority('us', validFor(10));
  for (const name of ['eu', 'us']) await controlPlane.call('/control-planes', { body: { name } });
  expect((await pin('eu', euAuthority.cert)).status).toBe(201);
  expect((await pin('us', usAuthority.cert)).status).toBe(201);
});
afterAll(async () => {
  for (const node of nodes) node.close();
  await controlPlane.close();
});

const pin = async (group: string, certificate: string, token?: string) =>
  await controlPlane.call<NodeCertificate & Problem>(`/control-planes/${group}/node-certificates`, {
    body: { name: group, certificate },
    ...(token === undefined ? {} : { token }),
  });

const clientOf = async (authority: CertifiedKey | null, validity = validFor(5), name = 'edge') =>
  await newCertificate(authority, { name, usages: ['client'], hosts: [name], validity });

/** A node that shows a certificate; rejects with the reason where it is not let in. */
async function connect({ cert, key }: CertifiedKey, id?: string): Promise<TestNode> {
  const identity = { ...controlPlane.identity, cert, key };
  const node = await TestNode.connect(identity, id === undefined ? {} : { id });
  nodes.push(node);
  return node;
}

const listed = async (group: string) =>
  (await controlPlane.call<List<Node>>(`/control-planes/${group}/nodes`)).body.data;
const refusals = () =>
  controlPlane.lines.flatMap(({ message }) => (message.startsWith('a node was refused') ? [message] : []));

describe('a node', () => {
  it('belongs to the control plane that its certificate, or the authority of it, is pinned to', async () => {
    const alone = await clientOf(null, validFor(5), 'alone');
    expect((await pin('us', alone.cert)).status).toBe(201);
    const eu = await connect(await clientOf(euAuthority));
    const us = await connect(await clientOf(usAuthority));
    const pinned = await connect(alone);
    const home = await controlPlane.node();
    expect([eu, us, pinned, home].map(({ hello }) => hello!.control_plane)).toEqual([
      'eu',
      'us',
      'us',
      'default',
    ]);
    await until('the nodes to be listed', async () => (await listed('us')).length === 2);
    expect((await listed('eu')).map(({ id }) => id)).toEqual([eu.id]);
    expect((await listed('us')).map(({ id }) => id).sort()).toEqual([us.id, pinned.id].sort());
  });

  it('gets the configuration and the sessions of its own control plane alone', async () => {
    const eu = await connect(await clientOf(euAuthority));
    const us = await connect(await clientOf(usAuthority));
    await until(
      'both to be connected',
      async () =>
        [...(await listed('eu')), ...(await listed('us'))].filter(
          ({ id, connected }) => connected && [eu.id, us.id].includes(id),
        ).length === 2,
    );
    const put = await controlPlane.call('/control-planes/eu/config', {
      method: 'PUT',
      body: CONFIG,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(put.status).toBe(200);
    await until('the configuration', () => eu.configs.length > 0);
    expect(us.configs).toEqual([]);
    const { body } = await controlPlane.call<Session>('/control-planes/eu/sessions', { body: {} });
    await until('the session', () => eu.desired.some(({ id }) => id === body.id));
    expect(us.desired).toEqual([]);
    // Traces for a session that does not run on the node are not taken.
    expect((await us.send(exportRequest(aTrace([body.id])))).status).toBe(200);
    const session = await controlPlane.call<Session>(`/control-planes/eu/sessions/${body.id}`);
    expect(session.body.counts.traces).toBe(0);
    await controlPlane.call(`/control-planes/eu/sessions/${body.id}`, { method: 'DELETE' });
  });

  it('that is known elsewhere is refused with the certificate of another control plane, and its token too', async () => {
    const eu = await connect(await clientOf(euAuthority));
    await until('the node', async () => (await listed('eu')).some(({ id }) => id === eu.id));
    await expect(connect(await clientOf(usAuthority), eu.id)).rejects.toThrow(
      `node ${eu.id} belongs to another control plane than its certificate`,
    );
    expect(refusals().join()).toContain(`node ${eu.id} belongs to another control plane`);
    expect((await listed('us')).map(({ id }) => id)).not.toContain(eu.id);
    const us = await connect(await clientOf(usAuthority));
    const stolen = { authorization: `Bearer ${eu.hello!.telemetry_token}` };
    expect(await us.send(new Uint8Array(), { headers: stolen })).toMatchObject({
      status: 403,
      body: expect.stringContaining('another control plane than the certificate') as string,
    });
    // Forgotten there, it may come here.
    eu.close();
    const forget = () => controlPlane.call(`/control-planes/eu/nodes/${eu.id}`, { method: 'DELETE' });
    await until('the node to be gone', async () => (await forget()).status === 204);
    expect((await connect(await clientOf(usAuthority), eu.id)).hello!.control_plane).toBe('us');
  });

  it.each<[string, () => Promise<CertifiedKey>, string]>([
    ['an expired certificate', () => clientOf(euAuthority, EXPIRED), 'its certificate CN=edge expired on'],
    ['one that is not good yet', () => clientOf(euAuthority, TOMORROW), 'is not good before'],
    ['one that vouches for itself', () => clientOf(null), 'comes from no authority that is known here'],
    [
      'one of an authority of the same name',
      async () => clientOf(await newAuthority('eu', validFor(5))),
      'comes from no authority that is known here',
    ],
    [
      'one that is for servers alone',
      () =>
        newCertificate(euAuthority, { name: 'x', usages: ['server'], hosts: ['x'], validity: validFor(5) }),
      'comes from no authority that is known here',
    ],
  ])('with %s is refused, and both sides say why', async (_, certificate, reason) => {
    const before = refusals().length;
    await expect(connect(await certificate())).rejects.toThrow(reason);
    expect(refusals().slice(before).join()).toContain(reason);
  });

  it('without a certificate is refused, and both sides say why', async () => {
    await expect(connect({ cert: '', key: '' })).rejects.toThrow('refused (403): it shows no certificate');
    expect(refusals()).toContain('a node was refused: it shows no certificate');
  });

  it('is cut when its certificate is unpinned, and let in no more', async () => {
    const own = await clientOf(null, validFor(5), 'own');
    const { body } = await pin('eu', own.cert);
    const node = await connect(own);
    await until('the node', async () => (await listed('eu')).some(({ id }) => id === node.id));
    const path = `/control-planes/eu/node-certificates/${body.id}`;
    expect((await controlPlane.call(path, { method: 'DELETE' })).status).toBe(204);
    await until('the node to be cut', () => node.lost !== null);
    expect(node.lost).toContain('comes from no authority that is known here');
    await expect(connect(own, node.id)).rejects.toThrow('refused (403)');
    expect((await controlPlane.call(path, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('pinning a certificate', () => {
  it('shows what was pinned, and is in the audit log', async () => {
    const authority = await newAuthority('shown', validFor(3));
    const { body } = await pin('eu', authority.cert);
    expect(body).toMatchObject({ name: 'eu', subject: 'CN=shown', is_authority: true, created_by: 'admin' });
    const { body: list } = await controlPlane.call<List<NodeCertificate>>(
      '/control-planes/eu/node-certificates',
    );
    expect(list.data).toContainEqual(body);
    const audit = await controlPlane.call<List<AuditEntry>>(`/audit-log?target=${body.id}`);
    expect(audit.body.data).toMatchObject([
      { action: 'node_certificate.pin', details: { fingerprint_sha256: body.fingerprint_sha256 } },
    ]);
  });

  it.each<[string, () => Promise<string>, string, RegExp]>([
    ['what is none', async () => 'hello', 'invalid_request', /send one certificate as PEM/],
    [
      'one with its key',
      async () => Object.values(await clientOf(null)).join(''),
      'invalid_request',
      /private key/,
    ],
    ['two', async () => euAuthority.cert + usAuthority.cert, 'invalid_request', /send one certificate/],
    [
      'a damaged one',
      async () => euAuthority.cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'),
      'invalid_request',
      /can not be read/,
    ],
    ['one that is over', async () => (await clientOf(null, EXPIRED)).cert, 'invalid_request', /expired on/],
    ['one that is pinned elsewhere', async () => usAuthority.cert, 'conflict', /pinned already/],
    ["the installation's own", async () => controlPlane.identity.ca, 'conflict', /own authority/],
  ])('is refused for %s', async (_, certificate, code, detail) => {
    const { body } = await pin('eu', await certificate());
    expect([body.code, body.detail]).toEqual([code, expect.stringMatching(detail)]);
  });

  it("needs rights everywhere for what the installation's own authority issued", async () => {
    const { body } = await controlPlane.call<CreatedToken>('/tokens', {
      body: { name: 'eu', role: 'control_plane_admin', control_planes: ['eu'] },
    });
    expect((await pin('eu', controlPlane.identity.cert, body.token)).body.code).toBe('forbidden');
    expect((await pin('eu', (await clientOf(null)).cert, body.token)).status).toBe(201);
  });
});
