import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { List, Node, Session, TraceSummary } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { until as untilWithin } from '../support/until.ts';
import { Hybrid, START_MS, type Started } from './support/hybrid.ts';

const TIMEOUT_MS = 240_000;
/** Waits as long as processes may need that start beside others. */
const until = async <T>(what: string, condition: () => T | Promise<T>) =>
  await untilWithin(what, condition, START_MS);
const hybrid = new Hybrid();
const upstream = createServer((_, response) => response.end('hello'));
const planes = new Map<string, { started: Started; port: number; id: string; group: string }>();
let controlPlane: Started;

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  await hybrid.choosePorts();
  await hybrid.run('certs', 'authority', '--out', hybrid.folder);
  await hybrid.run('certs', 'issue', 'server.test', '--server', '--out', hybrid.folder);
  await hybrid.run('certs', 'issue', 'edge', '--out', hybrid.folder);
  await hybrid.run('certs', 'authority', 'eu', '--out', hybrid.path('eu-ca'));
  await hybrid.run('certs', 'issue', 'eu', '--out', hybrid.folder, ...issuer('eu-ca'));
  await hybrid.run('certs', 'authority', 'nobody', '--out', hybrid.path('other-ca'));
  await hybrid.run('certs', 'issue', 'other', '--out', hybrid.folder, ...issuer('other-ca'));
  controlPlane = await hybrid.controlPlane();
  await hybrid.api('POST', '/control-planes', { name: 'eu' });
  const certificate = readFileSync(hybrid.path('eu-ca/ca.crt'), 'utf8');
  await hybrid.api('POST', '/control-planes/eu/node-certificates', { name: 'eu', certificate });
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  for (const group of ['default', 'eu']) {
    const config = { _format_version: '3.0', services: [{ name: group, url, routes: [{ paths: ['/'] }] }] };
    await hybrid.api('PUT', `/control-planes/${group}/config`, config);
  }
  const ports = await freePorts(3);
  await Promise.all(
    [
      ['a', 'edge', 'default'],
      ['b', 'edge', 'default'],
      ['c', 'eu', 'eu'],
    ].map(async ([name = '', cert = '', group = ''], index) => {
      const started = await hybrid.dataPlane(name, cert, ports[index]!);
      const id = readFileSync(hybrid.path(`${name}/node-id`), 'utf8').trim();
      planes.set(name, { started, port: ports[index]!, id, group });
      await until(`${name} to serve its configuration`, () => inSync(name));
    }),
  );
}, TIMEOUT_MS);
afterAll(async () => {
  await hybrid.close();
  await new Promise((resolve) => upstream.close(resolve));
}, TIMEOUT_MS);

const issuer = (folder: string) => [
  '--ca',
  hybrid.path(`${folder}/ca.crt`),
  '--ca-key',
  hybrid.path(`${folder}/ca.key`),
];
const nodeOf = async (name: string): Promise<Node | undefined> => {
  const { id, group } = planes.get(name)!;
  const { data } = await hybrid.api<List<Node>>('GET', `/control-planes/${group}/nodes`);
  return data.find((node) => node.id === id);
};
const inSync = async (name: string) => {
  const node = await nodeOf(name);
  return node?.connected === true && node.config_in_sync;
};
const get = async (name: string, path = '/') =>
  (await fetch(`http://127.0.0.1:${planes.get(name)!.port}${path}`)).status;
const start = async (request: object, group = 'default') =>
  await hybrid.api<Session>('POST', `/control-planes/${group}/sessions`, request);
const sessionOf = async (id: string, group = 'default') =>
  await hybrid.api<Session>('GET', `/control-planes/${group}/sessions/${id}`);
const stateOn = (session: Session, name: string) =>
  session.node_states.find((one) => one.node_id === planes.get(name)!.id)?.state;
const ended = async (id: string) =>
  await until('the session to end', async () => {
    const session = await sessionOf(id);
    return session.state === 'ended' ? session : null;
  });
const tracesOf = async (id: string) =>
  (await hybrid.api<List<TraceSummary>>('GET', `/control-planes/default/sessions/${id}/traces?size=1000`))
    .data;

describe(
  'an installation of several processes',
  () => {
    it('traces on the one node that a session names, and on no other', async () => {
      const session = await start({ nodes: [planes.get('a')!.id], max_traces: 5 });
      expect(session.state).toBe('active');
      for (let request = 0; request < 5; request++)
        expect(await Promise.all(['b', 'c', 'a'].map((name) => get(name)))).toEqual([200, 200, 200]);
      const { counts, end_reason } = await ended(session.id);
      expect([end_reason, counts.traces]).toEqual(['max_traces', 5]);
      expect(new Set((await tracesOf(session.id)).map(({ node_id }) => node_id))).toEqual(
        new Set([planes.get('a')!.id]),
      );
    });

    it('traces on all nodes of the group, with exactly as many traces as may be, under load', async () => {
      const session = await start({ max_traces: 50 });
      expect([stateOn(session, 'a'), stateOn(session, 'b'), session.node_states.length]).toEqual([
        'armed',
        'armed',
        2,
      ]);
      const load = async (name: string) => {
        for (let request = 0; request < 60; request++) expect(await get(name)).toBe(200);
      };
      await Promise.all(['a', 'a', 'b', 'b', 'c'].map(load));
      const { counts, end_reason } = await ended(session.id);
      const traces = await tracesOf(session.id);
      expect([end_reason, counts.traces, traces.length]).toEqual(['max_traces', 50, 50]);
      expect(new Set(traces.map(({ node_id }) => node_id)).size).toBe(2);
    });

    it('keeps out a node that nobody vouches for, with the reason in both logs', async () => {
      const [port] = await freePorts(1);
      const stranger = await hybrid.dataPlane('stranger', 'other', port!);
      const reason = 'comes from no authority that is known here';
      await until('both to say why', () =>
        [stranger.output(), controlPlane.output()].every((output) => output.includes(reason)),
      );
      await stranger.end();
      const moved = planes.get('c')!;
      await moved.started.end();
      const wrong = await hybrid.dataPlane('c', 'edge', moved.port);
      await until('both to say why', () =>
        [wrong.output(), controlPlane.output()].every((output) =>
          output.includes('belongs to another control plane'),
        ),
      );
      await wrong.end();
      planes.set('c', { ...moved, started: await hybrid.dataPlane('c', 'eu', moved.port) });
      await until('the node to be back', () => inSync('c'));
    });

    it('shows a killed node as lost, and arms it again when it is back', async () => {
      const session = await start({ duration_seconds: 120 });
      const killed = planes.get('b')!;
      await killed.started.end('SIGKILL');
      await until('the node to be lost', async () => stateOn(await sessionOf(session.id), 'b') === 'lost');
      expect((await nodeOf('b'))!.connected).toBe(false);
      planes.set('b', { ...killed, started: await hybrid.dataPlane('b', 'edge', killed.port) });
      await until('the node to be armed', async () => stateOn(await sessionOf(session.id), 'b') === 'armed');
      expect(await get('b')).toBe(200);
      await until('its trace', async () =>
        (await tracesOf(session.id)).some(({ node_id }) => node_id === killed.id),
      );
      await hybrid.api('POST', `/control-planes/default/sessions/${session.id}/stop`);
      await ended(session.id);
    });

    it('goes on without its control plane, starts without it, and agrees again when it is back', async () => {
      const session = await start({ duration_seconds: 120 });
      await controlPlane.end('SIGKILL');
      expect(await Promise.all(['a', 'b', 'c'].map((name) => get(name)))).toEqual([200, 200, 200]);
      const restarted = planes.get('a')!;
      await restarted.started.end();
      planes.set('a', { ...restarted, started: await hybrid.dataPlane('a', 'edge', restarted.port) });
      // From the configuration it has kept.
      expect(await get('a')).toBe(200);
      controlPlane = await hybrid.controlPlane();
      await until('both nodes to be armed again', async () => {
        const now = await sessionOf(session.id);
        return stateOn(now, 'a') === 'armed' && stateOn(now, 'b') === 'armed';
      });
      // What was sent while nobody took it arrives.
      await until('the trace of node b', async () =>
        (await tracesOf(session.id)).some(({ node_id }) => node_id === planes.get('b')!.id),
      );
      await hybrid.api('DELETE', `/control-planes/default/sessions/${session.id}`);
    });
  },
  TIMEOUT_MS,
);
