import type { List, Node, Problem } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { CHECKOUT_ID, CONFIG, LEDGER_ROUTE_ID, SHOP_ID, TestControlPlane } from './support/control-plane.ts';

const PATH = '/control-planes/default/config';
const SMALL = '_format_version: "3.0"\nservices:\n- name: one\n  url: http://one.internal\n';

let controlPlane: TestControlPlane;

beforeEach(async () => {
  controlPlane = await TestControlPlane.start();
});
afterEach(() => controlPlane.close());

async function put<T = { hash: string }>(body: unknown, type = 'application/yaml') {
  return await controlPlane.call<T>(PATH, { method: 'PUT', body, headers: { 'content-type': type } });
}

async function text(): Promise<string> {
  return (await controlPlane.call<string>(PATH, { headers: { accept: 'application/yaml' } })).body;
}

describe('the configuration', () => {
  it('is given as it was put, or as JSON', async () => {
    const yaml = await controlPlane.call<string>(PATH, { headers: { accept: 'application/yaml' } });
    expect([yaml.status, yaml.headers.get('content-type'), yaml.body]).toEqual([
      200,
      'application/yaml; charset=utf-8',
      CONFIG,
    ]);
    const json = await controlPlane.call<Record<string, unknown>>(PATH);
    expect([json.status, json.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json.body).toMatchObject({
      _format_version: '3.0',
      services: [
        { id: SHOP_ID, name: 'shop', routes: [{ id: CHECKOUT_ID, name: 'checkout', paths: ['/checkout'] }] },
        { name: 'ledger' },
      ],
      consumers: [{ username: 'ada-lovelace' }],
    });
    expect([yaml.headers.get('etag'), yaml.headers.get('vary')]).toEqual([
      json.headers.get('etag'),
      'accept',
    ]);
  });

  it.each(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain'])(
    'is put as %s',
    async (type) => {
      const { status, body } = await put(SMALL, type);
      expect([status, body]).toEqual([
        200,
        {
          hash: expect.stringMatching(/^[\da-f]{64}$/) as string,
          updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
          updated_by: 'admin',
          services: 1,
          routes: 0,
          warnings: [],
        },
      ]);
      expect(await text()).toBe(SMALL);
    },
  );

  it('is put as JSON, and what is given can be put again', async () => {
    const { body: document } = await controlPlane.call(PATH);
    expect((await put(document, 'application/json')).status).toBe(200);
    expect((await controlPlane.call(PATH)).body).toEqual(document);
    expect(JSON.parse(await text())).toEqual(document);
  });

  it('is refused with every error in it and its place, and the one in force stays', async () => {
    const broken = [
      '_format_version: "3.0"',
      'services:',
      '- name: one',
      '  url: http://one.internal',
      '  prot: http',
      '  routes:',
      '  - name: r',
      '    paths: [no-slash]',
      '    strip_pat: true',
    ].join('\n');
    const { status, headers, body } = await put<Problem>(broken);
    expect([status, headers.get('content-type'), body.code]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
      'invalid_config',
    ]);
    expect(body.errors!.map(({ path, line, column }) => `${path} ${line}:${column}`).sort()).toEqual([
      'services[0].prot 5:9',
      'services[0].routes[0].paths[0] 8:13',
      'services[0].routes[0].strip_pat 9:16',
    ]);
    for (const error of body.errors!) expect(error.message).not.toBe('');
    expect(body.errors!.find(({ line }) => line === 9)!.suggestion).toContain('strip_path');
    expect(await text()).toBe(CONFIG);
  });

  it('that is no YAML at all is refused with the place where it breaks off', async () => {
    const { body } = await put<Problem>('_format_version: "3.0"\nservices: [\n');
    expect(body).toMatchObject({ status: 400, code: 'invalid_config' });
    expect(body.errors![0]).toMatchObject({
      line: expect.any(Number) as number,
      column: expect.any(Number) as number,
    });
  });

  it('that is empty is refused', async () => {
    for (const body of ['', ' ', '\n']) {
      expect((await put<Problem>(body)).body).toMatchObject({ status: 400, code: 'invalid_config' });
    }
    const nothing = await controlPlane.call(PATH, { method: 'PUT' });
    expect(nothing.body).toMatchObject({ status: 400, code: 'invalid_config' });
    expect(await text()).toBe(CONFIG);
  });

  it('of another kind is refused, saying which are taken', async () => {
    const { body } = await put<Problem>(SMALL, 'application/x-www-form-urlencoded');
    expect(body).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(body.detail).toContain('application/yaml');
  });

  it('beyond 32 MiB is refused', async () => {
    const { body } = await put<Problem>(`${SMALL}# ${'x'.repeat(32 * 1_048_576)}`);
    expect(body).toMatchObject({ status: 413, code: 'too_large' });
  });

  it('is not there before it was put', async () => {
    await controlPlane.call('/control-planes', { body: { name: 'empty' } });
    const { body } = await controlPlane.call('/control-planes/empty/config');
    expect(body).toMatchObject({ status: 404, code: 'not_found' });
    expect((await controlPlane.call('/control-planes/empty/entities')).body).toEqual({
      services: [],
      routes: [],
    });
  });

  it('of one control plane is not that of another', async () => {
    await controlPlane.call('/control-planes', { body: { name: 'other' } });
    await controlPlane.call('/control-planes/other/config', {
      method: 'PUT',
      body: SMALL,
      headers: { 'content-type': 'text/yaml' },
    });
    expect(await text()).toBe(CONFIG);
  });

  it('is kept over a restart, and replaced where that is asked for', async () => {
    await put(SMALL);
    controlPlane = await controlPlane.restart();
    expect(await text()).toBe(SMALL);
    controlPlane = await controlPlane.restart({ config: { text: CONFIG, replaces: true } });
    expect(await text()).toBe(CONFIG);
  });

  it('names what sessions can be scoped to', async () => {
    expect((await controlPlane.call('/control-planes/default/entities')).body).toMatchObject({
      services: [{ id: SHOP_ID, name: 'shop' }, { name: 'ledger' }],
      routes: [
        { id: CHECKOUT_ID, name: 'checkout', service_id: SHOP_ID },
        { id: LEDGER_ROUTE_ID, name: null },
      ],
    });
  });
});

describe('a configuration that was put', () => {
  async function hashOf(id: string): Promise<string | null> {
    const { body } = await controlPlane.call<List<Node>>('/control-planes/default/nodes');
    return body.data.find((node) => node.id === id)!.config_hash;
  }

  it('is live on connected nodes within two seconds, and on others once they connect', async () => {
    const nodes = [await controlPlane.node(), await controlPlane.node()];
    const { body } = await put(SMALL);
    for (const { id } of nodes)
      await until('the node to have it', async () => (await hashOf(id)) === body.hash, 2_000);
    expect(nodes.map((node) => node.configs.at(-1))).toEqual([
      { hash: body.hash, config: SMALL },
      { hash: body.hash, config: SMALL },
    ]);
    const late = await controlPlane.node();
    await until('the late one to have it', async () => (await hashOf(late.id)) === body.hash);
  });

  it('is not sent to a node that has it', async () => {
    const { body } = await put(SMALL);
    const node = await controlPlane.node({ config_hash: body.hash });
    await until('the first sync', () => node.syncs.length > 0);
    expect(node.configs).toEqual([]);
  });

  it('is the last one that counts, however fast they follow', async () => {
    const node = await controlPlane.node({
      onConfig: ({ hash }) =>
        new Promise((resolve) => setImmediate(() => resolve({ applied: true, hash, error: null }))),
    });
    for (let index = 0; index < 10; index++) await put(`${SMALL}# ${index}\n`);
    const { body } = await put(SMALL);
    await until('the last one', async () => (await hashOf(node.id)) === body.hash);
    expect(node.configs.at(-1)).toEqual({ hash: body.hash, config: SMALL });
  });

  it('and a node refuses leaves the node as it was, and is logged', async () => {
    const refusal = { applied: false, hash: 'the-old-one', error: 'a plugin is missing' };
    const node = await controlPlane.node({ onConfig: () => refusal });
    await until('the refusal', async () => (await hashOf(node.id)) === 'the-old-one');
    const errors = () => controlPlane.lines.filter(({ level }) => level === 'error');
    await until('the line', () => errors().length > 0);
    expect(errors().map(({ message }) => message)).toEqual([
      'a node refused the configuration: a plugin is missing',
    ]);
  });

  it('is checked without being put in force', async () => {
    const check = async (body: string) =>
      await controlPlane.call(`${PATH}/check`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/yaml' },
      });
    const good = await check(SMALL);
    expect([good.status, good.body]).toEqual([
      200,
      { valid: true, errors: [], warnings: [], services: 1, routes: 0 },
    ]);
    const bad = await check('_format_version: "3.0"\nservices:\n- url: 7\n');
    expect(bad.status).toBe(200);
    expect(bad.body).toMatchObject({ valid: false, services: 0, routes: 0 });
    expect((bad.body as { errors: { line: number }[] }).errors[0]).toMatchObject({ line: 3 });
    expect(await text()).toBe(CONFIG);
  });
});
