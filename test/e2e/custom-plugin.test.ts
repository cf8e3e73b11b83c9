import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { List, LogLine, Session, TraceSummary } from '@gatescope/protocol';
import type { Span } from '@gatescope/trace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { treeBelow } from '../../packages/gateway/src/testing/io-plugin.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/custom-plugin/', import.meta.url));

let service: ChildProcess;
let product: Product;

/** Starts the example's service as a process of its own, and the product with the example's plugin and configuration. */
beforeAll(async () => {
  service = spawn(process.execPath, [`${EXAMPLE}stock-service.mjs`], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(service.stdout!, 'data')) as [Buffer];
  const port = /listening on (\d+)/.exec(line.toString())![1]!;
  const config = readFileSync(`${EXAMPLE}kong.yml`, 'utf8');
  expect(config.match(/:9090/g)).toHaveLength(2);
  product = await startProduct({
    config: config.replaceAll(':9090', `:${port}`),
    env: { KONG_PLUGINS: 'bundled,stock-check', KONG_PLUGINS_DIR: `${EXAMPLE}plugins` },
  });
});
afterAll(async () => {
  await product?.close();
  service.kill();
});

it('the example of a custom plugin does what its page says, and its spans are where it says', async () => {
  const sessions = '/control-planes/default/sessions';
  const { body: session } = await product.api<Session>('POST', sessions, { capture: { logs: 'debug' } });
  const traces = `${sessions}/${session.id}/traces`;
  await until('the session to be active', async () => {
    const { body } = await product.api<Session>('GET', `${sessions}/${session.id}`);
    return body.state === 'active';
  });

  const answers = [];
  for (const item of ['lamp', 'chair', 'sofa']) {
    const answer = await fetch(`${product.proxyUrl}/items/${item}`);
    answers.push([answer.status, answer.headers.get('x-stock'), await answer.json()]);
  }
  expect(answers).toEqual([
    [200, '7', { item: 'lamp', stock: '7' }],
    [409, null, expect.objectContaining({ message: 'item chair is sold out' })],
    [200, null, { item: 'sofa', stock: 'unknown' }],
  ]);

  const summaries = await until('the traces', async () => {
    const { body } = await product.api<List<TraceSummary>>('GET', traces);
    return body.data.length === 3 ? body.data.toReversed() : null;
  });
  const trees = [];
  const lines = [];
  for (const { id } of summaries) {
    const { body } = await product.api<{ spans: Span[] }>('GET', `${traces}/${id}`);
    trees.push(treeBelow(body.spans, 'kong.phase.access', 'stock.item', 'stock.available'));
    const logs = await product.api<List<LogLine>>('GET', `${traces}/${id}/logs?source=plugin:stock-check`);
    lines.push(logs.body.data.map(({ level, message }) => `${level} ${message}`).toReversed());
  }
  expect(trees).toEqual([
    [
      'kong.access.plugin.stock-check',
      '  stock-check ask lamp 7',
      '    kong.io.http.request',
      '      kong.io.http.connect',
    ],
    [
      'kong.access.plugin.stock-check ! exited with 409',
      '  stock-check ask chair 0',
      '    kong.io.http.request',
    ],
    [
      'kong.access.plugin.stock-check',
      '  stock-check ask sofa ! the stock service answered with 404',
      '    kong.io.http.request',
    ],
  ]);
  const told = 'debug the stock service told how many are left';
  expect(lines.map((of) => of.filter((line) => /stock service/.test(line)))).toEqual([
    [told],
    [told],
    ['warn not known how many are left: the stock service answered with 404'],
  ]);
});
