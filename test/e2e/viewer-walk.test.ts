import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, signInByPrintedLink, takePictures, type Visit, visit } from '../support/browser.ts';
import { type Product, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';

/** Requests of the demo, of which the rule wants those that end with 503. */
const PATHS = ['/catalog', '/status/503', '/orders', '/flaky', '/status/503', '/sample', '/gone'];

/** From the choice of a control plane to the spans of a trace, as somebody does it who has never seen the product. */
describeWith('chromium', 'the walk from a control plane to a trace', (chromium) => {
  let product: Product;
  let browser: Browser;
  let user: Visit;

  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct(), launchChromium(chromium)]);
    await product.api('POST', '/control-planes', { name: 'eu-west', description: 'Dublin' });
    user = await visit(browser, product.apiUrl);
    await signInByPrintedLink(user, product);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  /** Pictures of a step in both themes. */
  const step = async (page: Page, name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await takePictures(page, `walk-${name}-${theme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };

  it('is walked', async () => {
    const { page } = user;
    await page.getByRole('link', { name: 'Gatescope' }).click();
    await page.getByRole('heading', { name: 'eu-west' }).waitFor();
    await step(page, '1-control-planes');
    await page.getByRole('link', { name: /^default/ }).click();
    await page.getByRole('heading', { name: 'Latest sessions' }).waitFor();
    await step(page, '2-overview');
    await page.getByRole('navigation', { name: 'Control plane' }).getByText('Active tracing').click();
    await page.getByRole('heading', { name: 'No tracing session yet' }).waitFor();
    await step(page, '3-active-tracing');
    await page.getByRole('link', { name: 'New session' }).click();
    await page.getByRole('radio', { name: 'Only these' }).check();
    await page.getByRole('radio', { name: 'Expression' }).check();
    await page.getByRole('textbox', { name: 'Rule' }).fill('http.response.status_code==503');
    await page.getByText('the response status is 503').waitFor();
    await page.getByLabel('Logs').selectOption('debug');
    await step(page, '4-new-session');
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await step(page, '5-started');
    for (let round = 0; round < 3; round++)
      for (const path of PATHS) await (await fetch(product.proxyUrl + path)).arrayBuffer();
    const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody a');
    await until('the traces', async () => (await rows.count()) === 6);
    await step(page, '6-traces');
    await rows.first().click();
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
    await step(page, '7-summary');
    await page.keyboard.press('2');
    await page.getByRole('treegrid', { name: 'Spans' }).waitFor();
    await step(page, '8-spans');
    await page.keyboard.press('3');
    const lines = page.getByLabel('Log, newest first');
    await lines.waitFor();
    await step(page, '9-logs');
    for (const filter of ['Type', 'Source', 'Span']) {
      const choice = page.getByLabel(filter, { exact: true });
      await choice.selectOption({ index: 1 });
      await step(page, `9-logs-by-${filter.toLowerCase()}`);
      await choice.selectOption('');
    }
    await page.goBack();
    await rows.first().waitFor();
    expect(user.complaints).toEqual([]);
  }, 120_000);
});
