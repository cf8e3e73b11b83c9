import { readFileSync } from 'node:fs';
import type { List, Node, Session } from '@gatescope/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, takePictures, type Visit, visit } from '../support/browser.ts';
import { freePorts } from '../support/free-ports.ts';
import { ADMIN_TOKEN } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until as untilWithin } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { Hybrid, START_MS, type Started } from './support/hybrid.ts';

const TIMEOUT_MS = 240_000;
const until = async <T>(what: string, condition: () => T | Promise<T>) =>
  await untilWithin(what, condition, START_MS);

/** A control plane and two nodes as processes of their own, and somebody who traces on one of them. */
describeWith('chromium', 'the walk over two nodes', (chromium) => {
  const hybrid = new Hybrid();
  let upstream: Upstream;
  let browser: Browser;
  let user: Visit;
  const nodes: { readonly name: string; readonly port: number; readonly id: string; started: Started }[] = [];
  const send = async (index: number, path: string) => {
    await (await fetch(`http://127.0.0.1:${nodes[index]!.port}${path}`)).text();
  };

  beforeAll(async () => {
    upstream = await startUpstream((request, response) => {
      response.writeHead(request.url === '/checkout' ? 503 : 200);
      response.end('done');
    });
    await hybrid.choosePorts();
    await hybrid.run('certs', 'authority', '--out', hybrid.folder);
    await hybrid.run('certs', 'issue', 'server.test', '--server', '--out', hybrid.folder);
    await hybrid.run('certs', 'issue', 'edge', '--out', hybrid.folder);
    await hybrid.controlPlane();
    const services = [{ name: 'shop', url: upstream.url, routes: [{ name: 'shop', paths: ['/'] }] }];
    await hybrid.api('PUT', '/control-planes/default/config', { _format_version: '3.0', services });
    const ports = await freePorts(2);
    for (const [index, name] of ['first', 'second'].entries()) {
      const started = await hybrid.dataPlane(name, 'edge', ports[index]!);
      const id = readFileSync(hybrid.path(`${name}/node-id`), 'utf8').trim();
      nodes.push({ name, port: ports[index]!, id, started });
    }
    await until('both nodes to serve', async () => {
      const { data } = await hybrid.api<List<Node>>('GET', '/control-planes/default/nodes');
      return data.filter(({ connected, config_in_sync }) => connected && config_in_sync).length === 2;
    });
    browser = await launchChromium(chromium);
    user = await visit(browser, hybrid.apiUrl);
    await user.context.setExtraHTTPHeaders({ authorization: `Bearer ${ADMIN_TOKEN}` });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    await hybrid.close();
    await upstream?.close();
  }, TIMEOUT_MS);

  it(
    'is walked to a trace of the one that was chosen, which is shown as lost when it dies, and traces again when it is back',
    async () => {
      const { page } = user;
      const [first, second] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
      const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody a');
      await page.goto('/control-planes');
      await page.getByText('2 of 2 nodes connected').waitFor();
      await page.getByRole('link', { name: /^default/ }).click();
      await page.getByRole('navigation', { name: 'Control plane' }).getByText('Nodes').click();
      await page.getByText(first.id.slice(0, 8)).waitFor();
      await takePictures(page, 'hybrid-nodes');
      await page.getByRole('navigation', { name: 'Control plane' }).getByText('Active tracing').click();
      await page.getByRole('link', { name: 'New session' }).click();
      await page.getByRole('radio', { name: 'Only these' }).check();
      await page.getByRole('checkbox', { name: first.id.slice(0, 8) }).check();
      await page.getByRole('checkbox', { name: second.id.slice(0, 8) }).uncheck();
      await page.getByLabel('Status').fill('503');
      await page.getByLabel('Logs').selectOption('debug');
      await page.getByText('the response status is 503').waitFor();
      await takePictures(page, 'hybrid-new-session');
      await page.getByRole('button', { name: 'Start session' }).click();
      await page.getByText(/tracing, armed after/).waitFor();
      const id = /sessions\/([^/?]+)/.exec(page.url())![1]!;
      for (let round = 0; round < 3; round++)
        for (const path of ['/', '/checkout']) for (const index of [0, 1]) await send(index, path);
      await until('the traces', async () => (await rows.count()) === 3);
      await takePictures(page, 'hybrid-session');
      await rows.first().click();
      await page.getByText('The upstream answered 503.', { exact: true }).waitFor();
      await takePictures(page, 'hybrid-trace');
      await page.goBack();
      await rows.first().waitFor();
      await first.started.end('SIGKILL');
      await page.getByText('lost its connection').waitFor();
      expect(await rows.count()).toBe(3);
      await takePictures(page, 'hybrid-lost');
      first.started = await hybrid.dataPlane(first.name, 'edge', first.port);
      await page.getByText('lost its connection').waitFor({ state: 'detached', timeout: START_MS });
      await until('the session on the node', async () => {
        const session = await hybrid.api<Session>('GET', `/control-planes/default/sessions/${id}`);
        return session.node_states[0]?.state === 'armed';
      });
      await send(0, '/checkout');
      await until('a trace after it', async () => (await rows.count()) === 4);
      expect(user.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
