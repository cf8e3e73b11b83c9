import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadPlugins } from '../../packages/gateway/src/plugins/custom-plugins.ts';
import { expectWhole } from '../../packages/gateway/src/testing/check-trace.ts';
import { treeBelow } from '../../packages/gateway/src/testing/io-plugin.ts';
import { TestGateway } from '../../packages/gateway/src/testing/test-gateway.ts';
import { traced } from '../../packages/gateway/src/testing/trace-collector.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/custom-plugin/', import.meta.url));

/** The example's service as a process of its own, and the port it chose. */
async function startService(): Promise<string> {
  const child = spawn(process.execPath, [`${EXAMPLE}stock-service.mjs`], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return /listening on (\d+)/.exec(line.toString())![1]!;
}

it('the example of a custom plugin does what its page says, and its spans are where it says', async () => {
  const port = await startService();
  const registry = await loadPlugins({
    names: ['bundled', 'stock-check'],
    directory: `${EXAMPLE}plugins`,
  });
  const plugins = registry.order.filter(({ name }) => name === 'stock-check');
  const config = readFileSync(`${EXAMPLE}kong.yml`, 'utf8');
  expect(config.match(/:9090/g)).toHaveLength(2);
  const gateway = await TestGateway.start(config.replaceAll(':9090', `:${port}`), { plugins });
  const collector = await traced(gateway);
  const answers = [];
  for (const item of ['lamp', 'chair', 'sofa']) answers.push(await gateway.send(`/items/${item}`));
  expect(answers.map(({ status, headers, body }) => [status, headers['x-stock'], JSON.parse(body)])).toEqual([
    [200, '7', { item: 'lamp', stock: '7' }],
    [409, undefined, expect.objectContaining({ message: 'item chair is sold out' })],
    [200, undefined, { item: 'sofa', stock: 'unknown' }],
  ]);
  const traces = await collector.until(3);
  for (const trace of traces) expectWhole(trace);
  expect(
    traces.map(({ spans }) => treeBelow(spans, 'kong.phase.access', 'stock.item', 'stock.available')),
  ).toEqual([
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
  expect(gateway.logged('warn')).toEqual([
    'not known how many are left: the stock service answered with 404',
  ]);
});
