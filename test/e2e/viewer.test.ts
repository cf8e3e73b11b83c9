import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  elementCount,
  launchChromium,
  seriousFaults,
  signInByPrintedLink,
  takePictures,
  type Visit,
  visit,
} from '../support/browser.ts';
import { type Product, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const SESSIONS = '/control-planes/default/sessions';
const DOM_NODES_MAX = 1_200;

/** A gateway that is slow by itself on one route and passes everything else on. */
const config = (upstream: string) => `_format_version: "3.0"
services:
- name: shop
  url: ${upstream}
  routes:
  - name: shop
    paths: [/]
- name: sample
  url: ${upstream}
  routes:
  - name: sample
    paths: [/sample]
  plugins:
  - name: pre-function
    config:
      access: ["const end = Date.now() + 60; while (Date.now() < end);"]
  - name: correlation-id
`;

/** Notes every row that was ever on the page, also for a moment. How soon they come is measured by the viewer's bench. */
const WATCH_ROWS = `
  window.everSeen = new Set();
  const look = () => {
    for (const link of document.querySelectorAll('table[aria-label="Traces"] tbody a'))
      window.everSeen.add(link.textContent.trim());
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
`;

describeWith('chromium', 'the viewer', (chromium) => {
  let upstream: Upstream;
  let product: Product;
  let browser: Browser;
  let user: Visit;
  let spansUrl = '';

  /** Sends a request through the gateway; resolves with its status. */
  const send = async (path: string) => {
    const response = await fetch(product.proxyUrl + path);
    await response.arrayBuffer();
    return { status: response.status, path };
  };
  const rows = () => user.page.getByRole('table', { name: 'Traces' }).locator('tbody a');
  /** Every row of the tree, the axis and the selected span's detail. */
  const shown = () =>
    Promise.all(
      ['[role="treegrid"]', '[class*="axis"]', '[aria-label="Selected span"]'].map((part) =>
        user.page.locator(part).textContent(),
      ),
    );
  const selectedSpan = () => user.page.locator('[aria-label="Selected span"] h2');

  beforeAll(async () => {
    upstream = await startUpstream((request, response) => {
      const status = Number(/^\/status\/(\d{3})\b/.exec(request.url ?? '')?.[1] ?? 200);
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain' });
      response.end(`status ${status}\n`);
    });
    [product, browser] = await Promise.all([
      startProduct({ config: config(upstream.url) }),
      launchChromium(chromium),
    ]);
    user = await visit(browser, product.apiUrl);
    await user.page.addInitScript(WATCH_ROWS);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
    await upstream?.close();
  });

  it('signs in by the printed link, which leaves no token in the address', async () => {
    await signInByPrintedLink(user, product);
    await user.page.getByRole('heading', { name: 'No tracing session yet' }).waitFor();
    expect(user.page.url()).toBe(`${product.apiUrl}${SESSIONS}`);
    await takePictures(user.page, 'sessions-empty');
  });

  it('starts a session from the form, and shows the 503s of it alone, as they come', async () => {
    const { page } = user;
    await page.getByRole('link', { name: 'New session' }).click();
    await page.getByRole('radio', { name: 'Expression' }).check();
    await page.getByRole('textbox', { name: 'Rule' }).fill('http.response.status_code==503');
    await page.getByText('Traces requests where').waitFor();
    await takePictures(page, 'new-session');
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await takePictures(page, 'session-waiting');

    const sent = [];
    for (let round = 0; round < 6; round++) {
      for (const path of [
        '/status/200',
        '/status/503',
        '/status/404',
        '/sample',
        '/status/500',
        '/status/503',
      ])
        sent.push(await send(`${path}/${round}-${sent.length}`));
    }
    const wanted = sent.filter(({ status }) => status === 503);
    await until('the rows', async () => (await rows().count()) === wanted.length);
    const seen = (await page.evaluate('[...window.everSeen]')) as string[];
    expect(seen.sort()).toEqual(wanted.map(({ path }) => `GET ${path}`).sort());
    await until('the counts', async () => (await page.getByText('36', { exact: true }).count()) > 0);
    await takePictures(page, 'session');
  });

  it('leads from a row to the trace, and back', async () => {
    const { page } = user;
    const sessionUrl = page.url();
    await rows().first().click();
    await page.getByRole('heading', { name: /GET \/status\/503/ }).waitFor();
    await page.getByText('The upstream answered 503.', { exact: true }).waitFor();
    await takePictures(page, 'trace-summary-503');
    await page.goBack();
    await rows().first().waitFor();
    expect(page.url()).toBe(sessionUrl);
  });

  it('names the slow plugin as the bottleneck', async () => {
    const { page } = user;
    const { body: session } = await product.api<{ id: string }>('POST', SESSIONS, {
      name: 'the slow route',
      route: 'sample',
    });
    await page.goto(`${SESSIONS}/${session.id}`);
    await page.getByText('Active', { exact: true }).waitFor();
    await send('/sample/slow');
    await rows().first().click();
    await page.getByText(/^pre-function in access took .* of the time\.$/).waitFor();
    expect(await page.getByText('Slowest plugin').locator('..').textContent()).toMatch(/pre-function/);
    await takePictures(page, 'trace-summary-slow');
  });

  it('shows the spans, and is moved through by keys', async () => {
    const { page } = user;
    await page.keyboard.press('2');
    const tree = page.getByRole('treegrid', { name: 'Spans' });
    await tree.waitFor();
    await tree.focus();
    await page.keyboard.press('j');
    await until('the root', async () => (await selectedSpan().textContent()) === 'kong');
    await page.keyboard.press('j');
    await until('its first child', async () => (await selectedSpan().textContent()) !== 'kong');
    const below = await tree.getByRole('row').count();
    await page.keyboard.press('k');
    await page.keyboard.press('ArrowLeft');
    await until('the root to fold', async () => (await tree.getByRole('row').count()) === 1);
    await page.keyboard.press('ArrowRight');
    await until('the root to unfold', async () => (await tree.getByRole('row').count()) === below);
    expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
  });

  it('shows one span with its attributes, and the same again after a reload', async () => {
    const { page } = user;
    await page.keyboard.press('/');
    await page.keyboard.type('plugin:pre-function');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /kong\.access\.plugin\.pre-function/ }).click();
    await page.getByText('proxy.kong.plugin.instance_id').waitFor();
    await page.getByRole('button', { name: 'Zoom to span' }).click();
    await until('the address to follow', () => /span=.*zoom=.*q=/.test(page.url()));
    spansUrl = page.url();
    const before = await shown();
    await takePictures(page, 'spans');
    await page.reload();
    await page.getByText('proxy.kong.plugin.instance_id').waitFor();
    expect(await page.getByLabel('Filter spans').inputValue()).toBe('plugin:pre-function');
    expect(await shown()).toEqual(before);
    expect(page.url()).toBe(spansUrl);
    await page.goBack();
    await page.getByRole('table', { name: 'Traces' }).waitFor();
  });

  it('has nothing serious for axe to find, in either theme', async () => {
    const { page } = user;
    const session = page.url();
    const summary = new URL(spansUrl).pathname.replace(/spans$/, 'summary');
    await product.api('POST', '/control-planes', { name: 'second' });
    const faults: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      for (const [name, url, sign] of [
        ['control-planes', '/control-planes', 'second'],
        ['sessions', SESSIONS, 'the slow route'],
        ['new-session', `${SESSIONS}/new?rule=status_code`, 'Error at'],
        ['session', session, '/sample/slow'],
        ['summary', summary, 'Transaction'],
        ['spans', spansUrl, 'proxy.kong.plugin.instance_id'],
        ['nowhere', '/nowhere', 'There is no such page'],
        ['sign-in', '/sign-in', 'Sign in to Gatescope'],
      ] as const) {
        await page.goto(url);
        await page.getByText(sign).first().waitFor();
        if (theme === 'dark') await takePictures(page, `${name}-dark`);
        faults.push(...(await seriousFaults(page)).map((fault) => `${theme} ${name}: ${fault}`));
      }
    }
    expect(faults).toEqual([]);
    // It would have found something: a button that nobody can name.
    await page.evaluate(`document.body.append(document.createElement('button'))`);
    expect(await seriousFaults(page)).toEqual([expect.stringMatching(/^button-name: /)]);
  }, 120_000);

  it('leaves nothing in the console', () => {
    expect(user.complaints).toEqual([]);
  });
});
