import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  launchChromium,
  seriousFaults,
  signInByPrintedLink,
  takePictures,
  tooWide,
  type Visit,
  visit,
} from '../support/browser.ts';
import { type Product, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const CP = '/control-planes/default';
/** 1,280 CSS pixels at 400 %. */
const NARROW = { width: 320, height: 640 };
/** A journey takes seconds; on a machine that is busy with other tests, more. */
const JOURNEY_MS = 180_000;
const PASSWORD = 'a long enough password';

const config = (upstream: string) => `_format_version: "3.0"
services:
- name: shop
  url: ${upstream}
  routes:
  - name: shop
    paths: [/]
`;

describeWith('chromium', 'the pages of the viewer', (chromium) => {
  let upstream: Upstream;
  let product: Product;
  let browser: Browser;
  let user: Visit;

  beforeAll(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(request.url === '/bad' ? 503 : 200);
      response.end('done');
    });
    [product, browser] = await Promise.all([
      startProduct({ config: config(upstream.url) }),
      launchChromium(chromium),
    ]);
    user = await visit(browser, product.apiUrl);
    await signInByPrintedLink(user, product);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
    await upstream?.close();
  }, JOURNEY_MS);

  it(
    'mark what is wrong with a configuration, compare it and put it in force',
    async () => {
      const { page } = user;
      await page.goto(`${CP}/configuration`);
      const editor = page.getByRole('textbox', { name: 'Configuration' });
      await page.getByText('Valid', { exact: true }).waitFor();
      await editor.fill(`${config(upstream.url)}- name: wrong\n  url: 7\n`);
      await page
        .getByRole('button', { name: /^Line \d+$/ })
        .first()
        .waitFor();
      await takePictures(page, 'configuration-wrong');
      expect(await page.getByRole('button', { name: 'Push' }).isDisabled()).toBe(true);
      await page
        .getByRole('button', { name: /^Line \d+$/ })
        .first()
        .click();
      await editor.fill(config(upstream.url).replaceAll('name: shop', 'name: store'));
      await page.getByText('Valid, ready to be pushed').waitFor();
      await page.getByRole('radio', { name: /^Changes/ }).check();
      await page.getByRole('cell', { name: 'added: - name: store' }).first().waitFor();
      await takePictures(page, 'configuration-changes');
      await page.getByRole('button', { name: 'Push' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Push' }).click();
      await page.getByText('1 of 1 connected').waitFor();
      const { body } = await product.api<{ services: { name: string }[] }>('GET', `${CP}/config`);
      expect(body.services.map(({ name }) => name)).toEqual(['store']);
    },
    JOURNEY_MS,
  );

  it(
    'take every field of a new session from the address, and read the rule while it is typed',
    async () => {
      const { page } = user;
      await page.goto(`${CP}/sessions/new?route=store&name=from+a+link&duration=60&max_traces=7&logs=info`);
      expect(await page.getByLabel('Route').inputValue()).toBe('store');
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('from a link');
      expect(await page.getByLabel('Logs').inputValue()).toBe('info');
      await page.getByLabel('Status').fill('5xx');
      await page.getByText('the response status is at least 500').waitFor();
      await page.getByRole('radio', { name: 'Expression' }).check();
      const rule = page.getByRole('textbox', { name: 'Rule' });
      await until('the rule as an expression', async () =>
        /status_code >= 500/.test((await rule.textContent()) ?? ''),
      );
      // As by hand: the editor takes its own selection back while the one that fill() makes is on its way.
      const clear = () =>
        until('an empty rule', async () => {
          await rule.press('ControlOrMeta+A');
          await rule.press('Delete');
          return /^(Empty: every request.*)?$/s.test((await rule.textContent()) ?? '');
        });
      await clear();
      await rule.pressSequentially('http.resp');
      await page.getByRole('option', { name: /http\.response\.status_code/ }).click();
      await rule.pressSequentially('== 503 && http.method == GET || http.method');
      await page.getByText('http.method is compared with something').waitFor();
      await takePictures(page, 'new-session-wrong');
      await rule.pressSequentially(' == POST');
      await page.getByText('(http.method == GET || http.method == POST)').waitFor();
      await takePictures(page, 'new-session-expression');
      await clear();
      await rule.pressSequentially('http.methd == GET');
      await page.getByRole('button', { name: /Write\s+http\.method/ }).click();
      await page.getByText('the method is GET').waitFor();
      await page.getByRole('radio', { name: 'Basic' }).check();
      expect(await page.getByLabel('Method').inputValue()).toBe('GET');
      await until('the address to follow', () => page.url().includes('rule=http.method'));
      await page.reload();
      expect(await page.getByLabel('Method').inputValue()).toBe('GET');
    },
    JOURNEY_MS,
  );

  it(
    'start a session by keys, and narrow its traces down by what they have in common',
    async () => {
      const { page } = user;
      await page.goto(`${CP}/sessions/new?name=facets&logs=debug`);
      await page.getByLabel('Name', { exact: true }).press('Control+Enter');
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByText(/tracing, armed after/).waitFor();
      const rows = page.getByRole('table', { name: 'Traces' }).locator('tbody a');
      for (let index = 0; index < 6; index++) await (await fetch(`${product.proxyUrl}/good`)).text();
      await until('the first rows', async () => (await rows.count()) === 6);
      await (await fetch(`${product.proxyUrl}/bad`)).text();
      await until('the rows', async () => (await rows.count()) === 7);
      await page.getByRole('button', { name: '5xx 1' }).click();
      await until('the one that failed', async () => (await rows.count()) === 1);
      await until('the address to follow', () => page.url().endsWith('?status=5xx'));
      await page.reload();
      await until('the same after a reload', async () => (await rows.count()) === 1);
      await page.getByRole('button', { name: '5xx 1' }).click();
      const plot = (await page.locator('figure canvas').boundingBox())!;
      await page.mouse.move(plot.x + 1, plot.y + 1);
      await page.mouse.down();
      // The first trace lies left of the middle, the last one right of it.
      await page.mouse.move(plot.x + plot.width / 2, plot.y + 2, { steps: 3 });
      await page.mouse.up();
      const [stretch, from, to] = await until('a stretch of time', () =>
        /from=(\d+)&to=(\d+)/.exec(page.url()),
      );
      const { body: all } = await product.api<{ data: { started_at: string }[] }>(
        'GET',
        `${new URL(page.url()).pathname}/traces`,
      );
      const starts = all.data.map(({ started_at }) => Date.parse(started_at));
      const within = starts.filter((at) => at >= Number(from) && at < Number(to)).length;
      expect(within).toBeGreaterThan(0);
      expect(within).toBeLessThan(7);
      await until('those within', async () => (await rows.count()) === within);
      await page.reload();
      await until('the same after a reload', async () => (await rows.count()) === within);
      expect(page.url()).toContain(stretch);
      await page.locator('figure [class*=brush]').waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await until('all of them', async () => (await rows.count()) === 7);
      await takePictures(page, 'session-facets');
      await page.goto(`${CP}/sessions/new`);
      await page.getByText('7 of 7 match').waitFor();
      const rule = 'http.method == GET && http.path == "/never"';
      await page.goto(`${CP}/sessions/new?rule=${encodeURIComponent(rule)}`);
      await page.getByText('true of 0 of 7 requests').waitFor();
      await page.getByRole('button', { name: 'Start session' }).click();
      await page.getByText(/tracing, armed after/).waitFor();
      await (await fetch(`${product.proxyUrl}/good`)).text();
      await page.getByText('The one request so far did not match.').waitFor();
      // The session before traces the request too.
      await page.getByText(/^Rejects most: http\.path == "\/never", true of 0 of [78] requests/).waitFor();
      await takePictures(page, 'session-rejecting-term');
    },
    JOURNEY_MS,
  );

  it(
    'ask for consent, and take it back',
    async () => {
      const { page } = user;
      await page.goto('/settings/payload-capture');
      await page.getByRole('button', { name: 'Opt in' }).waitFor();
      expect(await page.getByRole('button', { name: 'Opt in' }).isDisabled()).toBe(true);
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Opt in' }).click();
      await page.getByText('Agreed to by').waitFor();
      await takePictures(page, 'payload-capture');
      await page.goto(`${CP}/sessions/new?payload=bodies`);
      await page.getByText('Your organisation has opted in.').waitFor();
      await page.goto('/settings/payload-capture');
      await page.getByRole('button', { name: 'Withdraw' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
      await page.getByText('Not opted in', { exact: true }).waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'try redaction rules while they are changed, and keep them',
    async () => {
      const { page } = user;
      await page.goto('/settings/redaction');
      const kept = page.locator('pre', { hasText: '"item": 7' });
      await kept.getByText('ada@example.com').waitFor();
      await page.getByLabel('Kind of the redaction rule').selectOption('JSON path');
      await page.getByLabel('JSON path to be masked').fill('$.customer.email');
      await page.getByLabel('JSON path to be masked').press('Enter');
      await page.getByText('1 × JSON path $.customer.email in body').waitFor();
      expect(await kept.getByText('ada@example.com').count()).toBe(0);
      await page.getByLabel('Kind of the redaction rule').selectOption('Pattern');
      await page.getByLabel('Pattern to be masked').fill('(');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByText('No preview', { exact: true }).waitFor();
      await takePictures(page, 'redaction-wrong');
      await page.getByRole('button', { name: 'Remove pattern (' }).click();
      await page.getByText('No preview', { exact: true }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
      await page.reload();
      await page.getByText('1 × JSON path $.customer.email in body').waitFor();
      await takePictures(page, 'redaction');
    },
    JOURNEY_MS,
  );

  it(
    'register a key, put it in force, and say what can no longer be read without the other',
    async () => {
      const { page } = user;
      await page.goto('/settings/keys');
      const row = (name: string) => page.getByRole('row').filter({ hasText: name });
      await page.getByRole('button', { name: 'Register a key' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name').fill('second');
      await form.getByLabel('Path').fill('keys/second');
      await form.getByRole('button', { name: 'Register' }).click();
      await form.getByText('Config.path must be an absolute path').waitFor();
      await takePictures(page, 'key-refused');
      await form.getByLabel('Path').fill(join(product.dataDir, 'second.key'));
      await form.getByRole('button', { name: 'Register' }).click();
      await row('second').getByRole('button', { name: 'Activate' }).click();
      await row('second').getByText('active', { exact: true }).waitFor();
      await row('second').getByRole('button', { name: 'Check' }).click();
      await row('second').getByText('Checked: it answers').waitFor();
      await takePictures(page, 'keys');
      await row('local').getByRole('button', { name: 'Disable' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable key' }).click();
      await row('local').getByText('disabled', { exact: true }).waitFor();
      await page.goto(`${CP}/sessions`);
      await page.getByRole('link', { name: 'facets' }).click();
      await page
        .getByText('The key local is disabled; an organisation admin can activate it again.')
        .waitFor();
      await takePictures(page, 'session-without-key');
      await page.goto('/settings/keys');
      await row('local').getByRole('button', { name: 'Activate' }).click();
      await row('second').getByText('inactive', { exact: true }).waitFor();
      await page.goBack();
      await page.getByRole('table', { name: 'Traces' }).waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'make users and tokens, show a token once, and tell of it in the audit log',
    async () => {
      const { page } = user;
      await page.goto('/settings/users');
      await page.getByRole('button', { name: 'New user' }).click();
      await page.getByLabel('Email').fill('vera@example.com');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('checkbox', { name: 'default' }).check();
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByRole('cell', { name: 'vera@example.com' }).waitFor();
      await page.goto('/settings/tokens');
      await page.getByRole('button', { name: 'New token' }).click();
      await page.getByLabel('Name').fill('for a script');
      await page.getByRole('button', { name: 'Create' }).click();
      const secret = await page.getByText(/^gst_/).textContent();
      await takePictures(page, 'token-made');
      expect(
        (await fetch(`${product.apiUrl}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } }))
          .status,
      ).toBe(200);
      await page.reload();
      await page.getByRole('cell', { name: 'for a script' }).waitFor();
      expect(await page.getByText(/^gst_/).count()).toBe(0);
      await page.goto('/settings/audit-log');
      await page.getByRole('cell', { name: 'token.create' }).waitFor();
      await takePictures(page, 'audit-log');
    },
    JOURNEY_MS,
  );

  it(
    'show a viewer what is a viewer’s',
    async () => {
      const other = await visit(browser, product.apiUrl);
      await other.page.goto('/settings/tokens');
      await other.page.getByLabel('Email').fill('vera@example.com');
      await other.page.getByLabel('Password').fill(PASSWORD);
      await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await other.page.getByText('This is not for your role').waitFor();
      expect(await other.page.getByRole('link', { name: 'Users' }).count()).toBe(0);
      await other.page.goto(`${CP}/configuration`);
      await other.page.getByText('The configuration is not for viewers').waitFor();
      await other.page.goto(`${CP}/sessions`);
      await other.page.getByRole('link', { name: 'facets' }).waitFor();
      expect(await other.page.getByRole('link', { name: 'New session' }).count()).toBe(0);
      // That nobody is signed in yet is told by 401.
      expect(other.complaints.filter((text) => !/status of 401/.test(text))).toEqual([]);
      await other.context.close();
    },
    JOURNEY_MS,
  );

  it('have nothing serious for axe, and fit a screen at 400 %, in either theme', async () => {
    const { page } = user;
    const faults: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      for (const [name, url, sign] of [
        ['overview', `${CP}/overview`, 'Latest sessions'],
        ['nodes', `${CP}/nodes`, 'connected'],
        ['configuration', `${CP}/configuration`, 'Nodes that have it'],
        ['new-session', `${CP}/sessions/new?rule=http.path+==+"/x"&logs=debug`, 'Tried on recent'],
        ['payload-capture', '/settings/payload-capture', 'I have read this'],
        ['redaction', '/settings/redaction', 'JSON path $.customer.email'],
        ['keys', '/settings/keys', 'Seals new sessions.'],
        ['users', '/settings/users', 'vera@example.com'],
        ['tokens', '/settings/tokens', 'for a script'],
        ['audit-log', '/settings/audit-log', 'token.create'],
      ] as const) {
        await page.emulateMedia({ colorScheme: theme });
        await page.goto(url);
        await page.getByText(sign).first().waitFor();
        if (theme === 'light') await takePictures(page, name);
        faults.push(...(await seriousFaults(page)).map((fault) => `${theme} ${name}: ${fault}`));
        const before = page.viewportSize()!;
        await page.setViewportSize(NARROW);
        faults.push(...(await tooWide(page)).map((text) => `${name} at 400 %: ${text}`));
        await page.emulateMedia({ colorScheme: theme, forcedColors: 'active', reducedMotion: 'reduce' });
        faults.push(...(await tooWide(page)).map((text) => `${name} in forced colours: ${text}`));
        await page.emulateMedia({ colorScheme: theme, forcedColors: 'none', reducedMotion: null });
        await page.setViewportSize(before);
      }
    }
    expect(faults).toEqual([]);
  }, 180_000);

  it('leave nothing in the console but what was refused', () => {
    expect(user.complaints.filter((text) => !/status of (400|503)/.test(text))).toEqual([]);
  });
});
