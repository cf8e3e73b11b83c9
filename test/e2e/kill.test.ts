import type { List, Session, TraceSummary } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childrenOf, childWith, isRunning } from '../support/processes.ts';
import { type Ports, type Product, productPorts, startProduct } from '../support/product.ts';
import { until } from '../support/until.ts';
import { answerWithStatus, startUpstream, type Upstream } from '../support/upstream.ts';

const SESSIONS = '/control-planes/default/sessions';

let upstream: Upstream;
let ports: Ports;
let product: Product;

async function startSession(): Promise<string> {
  const { body } = await product.api<Session>('POST', SESSIONS, { max_traces: 10_000 });
  await until('the session to be active', async () => (await sessionOf(body.id)).state === 'active');
  return body.id;
}

async function sessionOf(id: string): Promise<Session> {
  return (await product.api<Session>('GET', `${SESSIONS}/${id}`)).body;
}

async function traceIds(id: string): Promise<string[]> {
  const { body } = await product.api<List<TraceSummary>>('GET', `${SESSIONS}/${id}/traces?size=1000`);
  return body.data.map((trace) => trace.id).sort();
}

async function send(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    const response = await fetch(`${product.proxyUrl}/status/200`);
    await response.arrayBuffer();
    expect(response.status).toBe(200);
  }
}

/** Sends requests until one of them is traced: nodes take a session up again when they are back. */
async function sendUntilTraced(id: string, known: readonly string[]): Promise<string[]> {
  return await until('a trace after the kill', async () => {
    await fetch(`${product.proxyUrl}/status/200`).then(
      (response) => response.arrayBuffer(),
      () => null,
    );
    const ids = await traceIds(id).catch(() => []);
    return ids.length > known.length ? ids : null;
  });
}

describe('after kill -9', () => {
  beforeEach(async () => {
    upstream = await startUpstream(answerWithStatus);
    ports = await productPorts();
    product = await startProduct({
      ports,
      config: `_format_version: "3.0"\nservices:\n- name: s\n  url: ${upstream.url}\n  routes:\n  - name: all\n    paths: [/]\n`,
    });
  });
  afterEach(async () => {
    await product.close();
    await upstream.close();
  });

  it('of the gateway its session goes on, and no trace that was stored is lost', async () => {
    const id = await startSession();
    await send(20);
    const before = await until('the traces', async () =>
      (await traceIds(id)).length === 20 ? await traceIds(id) : null,
    );
    process.kill(childWith(product.process.pid!, '__data-plane'), 'SIGKILL');
    const after = await sendUntilTraced(id, before);
    expect(after).toEqual(expect.arrayContaining(before));
    expect((await sessionOf(id)).state).toBe('active');
  });

  it('of the control plane the gateway serves on, and everything acknowledged is there', async () => {
    const id = await startSession();
    await send(20);
    const before = await until('the traces', async () =>
      (await traceIds(id)).length === 20 ? await traceIds(id) : null,
    );
    const killed = childWith(product.process.pid!, '__control-plane');
    process.kill(killed, 'SIGKILL');
    await send(20);
    await until(
      'the control plane to be back',
      async () => (await fetch(`${product.apiUrl}/ready`).catch(() => null))?.status === 200,
    );
    const after = await sendUntilTraced(id, before);
    expect(after).toEqual(expect.arrayContaining(before));
    expect((await sessionOf(id)).state).toBe('active');
  });

  it('of everything nothing is left running, and the next start finds all that was acknowledged', async () => {
    const id = await startSession();
    await send(20);
    const before = await until('the traces', async () =>
      (await traceIds(id)).length === 20 ? await traceIds(id) : null,
    );
    const children = childrenOf(product.process.pid!).map(({ pid }) => pid);
    const workers = children.flatMap((pid) => childrenOf(pid).map((child) => child.pid));
    expect(workers.length).toBeGreaterThan(0);
    product.process.kill('SIGKILL');
    await until('its processes to end', async () => ![...children, ...workers].some(isRunning));
    product = await startProduct({ ports, dataDir: product.dataDir });
    const after = await sendUntilTraced(id, before);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(await sessionOf(id)).toMatchObject({ id, state: 'active', created_by: 'admin' });
  });
});
