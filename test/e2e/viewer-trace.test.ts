import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload, PayloadCapture, Session } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, SESSIONS, TestControlPlane } from '../contract/support/control-plane.ts';
import { aTrace, exportRequest, type SentTrace } from '../contract/support/otlp.ts';
import {
  elementCount,
  launchChromium,
  seriousFaults,
  takePictures,
  VIEWER_DIR,
  type Visit,
  visit,
} from '../support/browser.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';

const DOM_NODES_MAX = 1_200;
/** A journey takes seconds; on a machine that is busy with other tests, more. */
const JOURNEY_MS = 180_000;
const START_MS = 1_800_000_000_000;
const HTML = '<img src=x onerror="window.pwned=1">';
const at = (ms: number) => `${BigInt(START_MS) * 1_000_000n + BigInt(Math.round(ms * 1e6))}`;

/** A request that a plugin made slow, whose first attempt at the upstream failed. */
function slowTrace(session: string, rootId: string, accessMs: number): SentTrace {
  const id = (last: string) => `${rootId.slice(0, 15)}${last}`;
  const span = (last: string, name: string, from: number, to: number, fields: object = {}) => ({
    ...{ span_id: id(last), name, start_unix_nano: at(from), end_unix_nano: at(to), ...fields },
  });
  const end = 20 + accessMs;
  const trace = aTrace([session], {
    ...{ rootId, traceId: rootId.repeat(2), startMs: START_MS, durationMs: end + 20 },
    attributes: {
      'url.scheme': 'https',
      'client.address': '203.0.113.7',
      'proxy.kong.upstream_status_code': 200,
    },
    spans: [
      span('b', 'kong.read_client_http_headers', 0, 1),
      span('c', 'kong.phase.access', 5, 5 + accessMs),
      span('d', 'kong.access.plugin.pre-function', 6, 4 + accessMs, { parent_span_id: id('c') }),
      span('e', 'kong.upstream.selection', 10 + accessMs, 14 + accessMs),
      span('f', 'kong.upstream.find_upstream', 10 + accessMs, 12 + accessMs, {
        parent_span_id: id('e'),
        status: { code: 'ERROR', message: 'refused: connection refused' },
        attributes: { try_count: 1, 'network.peer.address': '10.0.0.9' },
      }),
      span('9', 'kong.upstream.find_upstream', 12 + accessMs, 14 + accessMs, {
        parent_span_id: id('e'),
        attributes: { try_count: 2, 'network.peer.address': '10.0.0.7' },
      }),
      span('8', 'kong.read_headers_from_upstream', 14 + accessMs, end),
    ],
  });
  const line = (message: string, ms: number, last: string, fields: Partial<LogLine> = {}): LogLine => ({
    ...{ time_unix_nano: at(ms), level: 'info', type: 'plugin', source: 'plugin:pre-function', message },
    ...{ attributes: {}, trace_id: trace.traceId, span_id: id(last), ...fields },
  });
  return {
    ...trace,
    lines: [
      line('reading the rates', 7.25, 'd', { level: 'debug' }),
      line(`rates read ${HTML}`, 8, 'd'),
      line('attempt 1 failed', 12 + accessMs, 'f', { level: 'error', type: 'upstream', source: 'upstream' }),
      line('GET /checkout 200', end + 20, rootId.at(-1)!, {
        type: 'access',
        source: 'gateway',
        span_id: rootId,
      }),
    ],
    payload: { ...PAYLOAD, query: null },
  };
}

const BODY = { content_type: 'application/json', content_encoding: null, truncated: false };
const PAYLOAD: Payload = {
  client_request: {
    headers: [
      ['Host', 'shop.example.com'],
      ['Authorization', 'Bearer ****'],
      ['X-Hostile', HTML],
    ],
    body: { ...BODY, text: '{"card":"****"}', size_bytes: 15, captured_bytes: 15 },
    redactions: [
      { where: 'headers.authorization', rule: 'authorization', count: 1 },
      { where: 'body', rule: 'card', count: 1 },
    ],
  },
  upstream_request: {
    headers: [
      ['Host', 'upstream:8080'],
      ['Authorization', 'Bearer ****'],
      ['X-Shop', 'demo'],
    ],
    body: null,
    redactions: [],
  },
  upstream_response: null,
  client_response: {
    headers: [['Content-Type', 'text/html']],
    body: {
      ...{ ...BODY, content_type: 'text/html', truncated: true },
      ...{ text: `<h1>hi</h1>${HTML}`, size_bytes: 5_000_000, captured_bytes: 65_536 },
    },
    redactions: [],
  },
};

describeWith('chromium', 'the viewer’s pages of a trace', (chromium) => {
  let control: TestControlPlane;
  let browser: Browser;
  let user: Visit;
  let session: Session;
  let bare: Session;
  const SLOW = 'aaaaaaaaaaaaaaaa';
  const inSession = (id: string, rest: string) => `/control-planes/default/sessions/${id}/${rest}`;
  const tab = (name: string) => inSession(session.id, `traces/${SLOW}/${name}`);
  const archive = async () => {
    const exported = await control.fetch(`/api/v1${SESSIONS}/${session.id}/export?format=zip`);
    const buffer = Buffer.from(await exported.arrayBuffer());
    return { name: 'session.zip', mimeType: 'application/zip', buffer };
  };
  const lines = (page: Page) => page.getByRole('grid', { name: 'Log, newest first' }).getByRole('row');

  beforeAll(async () => {
    [control, browser] = await Promise.all([
      TestControlPlane.start({ viewerDir: VIEWER_DIR }),
      launchChromium(chromium),
    ]);
    const node = await control.node();
    const { body } = await control.call<PayloadCapture>('/settings/payload-capture');
    await control.call('/settings/payload-capture', {
      method: 'PUT',
      body: { enabled: true, agreement_text: body.agreement_text },
    });
    [session, bare] = await Promise.all([
      control.session({ name: 'checkout', capture: { logs: 'debug', headers: true, bodies: true } }),
      control.session({ name: 'bare' }),
    ]);
    const usual = Array.from({ length: 6 }, (_, index) =>
      slowTrace(session.id, `${index + 1}`.repeat(16), 10),
    );
    const sent = [
      slowTrace(session.id, SLOW, 200),
      ...usual,
      aTrace([bare.id], { rootId: 'bbbbbbbbbbbbbbbb' }),
    ];
    expect(await node.send(exportRequest(...sent))).toMatchObject({ status: 200 });
    user = await visit(browser, control.url);
    await user.context.setExtraHTTPHeaders({ authorization: `Bearer ${ADMIN_TOKEN}` });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await control?.close();
  });

  it(
    'say in the summary what failed, what took the time and what is unusual, each with a way to it',
    async () => {
      const { page } = user;
      await page.goto(tab('summary'));
      const findings = page.getByRole('region', { name: 'Findings' });
      await findings.getByText(/times as long as is usual/).waitFor();
      expect(await findings.locator('li > div > p:first-child').allTextContents()).toEqual([
        'The upstream answered 200.',
        'Refused: connection refused.',
        'The upstream took 2 attempts, 1 failed.',
        'pre-function in access took 83 % of the time.',
        expect.stringMatching(
          /^\d\.\d times as long as is usual for requests without a route in this session\.$/,
        ),
      ]);
      const told = (await page.evaluate(
        `[...document.querySelectorAll('table:has(tfoot) tbody tr')].map((row) => [row.className, parseFloat(row.children[1].textContent)])`,
      )) as [string, number][];
      const total = await page.locator('tfoot td').first().textContent();
      const sum = (part: string) =>
        told.reduce((before, [kind, ms]) => before + (kind.includes(part) ? ms : 0), 0);
      expect(`${sum('part').toFixed(1)} ms`).toBe(total);
      expect(`${sum('detail').toFixed(1)} ms`).toBe(total);
      expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
      await takePictures(page, 'trace-summary');
      await findings.getByRole('link', { name: 'Show span for: pre-function' }).click();
      await page.getByRole('heading', { name: 'kong.access.plugin.pre-function' }).waitFor();
      await page.goBack();
      await findings.waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'show the log by type, source and span, go to the span of a line, and come back to the same',
    async () => {
      const { page } = user;
      await page.keyboard.press('3');
      await until('every line', async () => (await lines(page).count()) === 4);
      expect(await lines(page).locator('td:first-child').allTextContents()).toEqual([
        ...['+240.000 ms', '+212.000 ms', '+8.000 ms', '+7.250 ms'],
      ]);
      await page
        .getByLabel('Span', { exact: true })
        .selectOption({ label: 'kong.access.plugin.pre-function (2)' });
      await until('its lines', async () => (await lines(page).count()) === 2);
      await page.getByLabel('Level').selectOption('info');
      await page.getByLabel('Type').selectOption({ label: 'plugin (2)' });
      await page.getByLabel('Source').selectOption({ label: 'plugin:pre-function (2)' });
      await until('one line', async () => (await lines(page).count()) === 1);
      await until('the address', () => /level=info.*type=plugin.*source=.*of=/.test(page.url()));
      await takePictures(page, 'trace-logs');
      await page.reload();
      await until('the same line', async () => (await lines(page).count()) === 1);
      await page.keyboard.press('j');
      await page.getByRole('complementary', { name: 'Selected line' }).getByText(HTML).waitFor();
      await page.keyboard.press('g');
      await page.getByRole('heading', { name: 'kong.access.plugin.pre-function' }).waitFor();
      await page.getByRole('link', { name: /^2 lines/ }).click();
      await until('its lines again', async () => (await lines(page).count()) === 2);
      await page.goBack();
      await page.getByRole('treegrid').waitFor();
      await page.goto(inSession(bare.id, 'traces/bbbbbbbbbbbbbbbb/logs'));
      await page.getByText('Logs were not enabled for this session.').waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'show the payload as text, with what the gateway changed, what was masked and what was cut',
    async () => {
      const { page } = user;
      await page.goto(tab('payload'));
      const side = (name: string) => page.getByRole('region', { name, exact: true });
      await side('To the upstream').getByText('3 of 4 headers differ').waitFor();
      const headers = await side('To the upstream').getByRole('row').allTextContents();
      expect(headers).toEqual([
        '~changedHostupstream:8080was shop.example.com',
        'AuthorizationBearer ****',
        '+addedX-Shopdemo',
        `−removedX-Hostile${HTML}`,
      ]);
      await side('From the client').getByText('redacted · authorization').waitFor();
      await side('From the client').getByText('redacted · card number').waitFor();
      await side('To the client').getByText('cut: the first 64.0 KiB of 4.77 MiB').waitFor();
      await side('To the client').getByText(`<h1>hi</h1>${HTML}`).waitFor();
      await side('From the upstream').getByText('There was no such message').waitFor();
      await takePictures(page, 'trace-payload');
      await page.getByRole('radio', { name: 'Hex' }).check();
      await side('From the client')
        .getByText(/^000000 {2}7b 22 63 61/)
        .waitFor();
      await until('the address', () => page.url().includes('body=hex'));
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      await page.goto(inSession(bare.id, 'traces/bbbbbbbbbbbbbbbb/payload'));
      await page.getByText('No payload was captured').waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'say plainly that somebody may not read the payload',
    async () => {
      const other = await visit(browser, control.url);
      const token = await control.token({ role: 'viewer', control_planes: 'all' });
      await other.context.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
      await other.page.goto(tab('payload'));
      await other.page.getByText('You may not read payloads').waitFor();
      await other.context.close();
    },
    JOURNEY_MS,
  );

  it(
    'compare a trace with the median and with another, and lead back',
    async () => {
      const { page } = user;
      await page.goto(tab('summary'));
      await page.getByRole('link', { name: 'Compare', exact: true }).click();
      await page
        .getByText(
          'Trace aaaaaaaa took 190 ms longer than the median of 6 traces (4.8 times); 100 % of that is pre-function in access.',
        )
        .waitFor();
      await takePictures(page, 'compare');
      await page.getByRole('combobox', { name: 'Against' }).selectOption('1111111111111111');
      await page.getByText('Trace aaaaaaaa took 190 ms longer than trace 11111111').waitFor();
      const url = page.url();
      await page.reload();
      await page.getByText('Trace aaaaaaaa took 190 ms longer than trace 11111111').waitFor();
      expect(page.url()).toBe(url);
      await page.goBack();
      await page.getByRole('region', { name: 'Findings' }).waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'take a session’s requests together, and what sets some of them apart',
    async () => {
      const { page } = user;
      await page.goto(inSession(session.id, 'analysis'));
      await page.getByText('What sets the slowest tenth apart').waitFor();
      await page
        .getByRole('table', { name: 'Percentiles of steps' })
        .getByText('pre-function in access')
        .waitFor();
      await page.getByText('all 7 traces').waitFor();
      await takePictures(page, 'analysis');
      const bars = page.getByRole('img', { name: /^Histogram of 7 requests/ });
      const box = (await bars.boundingBox())!;
      await page.mouse.move(box.x + 2, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + 50, { steps: 3 });
      await page.mouse.up();
      await page.getByText('6 requests, against all others').waitFor();
      await until('the address', () => /from=.*to=/.test(page.url()));
      await page.reload();
      await page.getByText('6 requests, against all others').waitFor();
      await page.getByRole('button', { name: 'All requests' }).click();
      await page.getByText('What sets the slowest tenth apart').waitFor();
    },
    JOURNEY_MS,
  );

  it(
    'open an exported file without a session, a sign-in or a network',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'gatescope-open-'));
      const guest = await visit(browser, control.url);
      try {
        const exported = await control.fetch(`/api/v1${SESSIONS}/${session.id}/traces/${SLOW}?format=otlp`);
        const file = join(folder, 'trace.otlp.json');
        writeFileSync(file, await exported.text());
        await guest.page.goto('/open');
        await guest.page.getByText('Drop an export here').waitFor();
        await takePictures(guest.page, 'open');
        expect(await seriousFaults(guest.page)).toEqual([]);
        await guest.context.setOffline(true);
        await guest.page.setInputFiles('input[type=file]', join(folder, 'trace.otlp.json'));
        await guest.page
          .getByText('pre-function in access took 83 % of the time.', { exact: true })
          .waitFor();
        await guest.page.keyboard.press('2');
        await guest.page.getByRole('treegrid').getByRole('row').first().waitFor();
        await guest.page.keyboard.press('3');
        await guest.page.getByText('OTLP JSON holds spans alone').waitFor();
        await guest.context.setOffline(false);
        await guest.page.reload();
        await guest.page.getByText('open the file again').waitFor();
        writeFileSync(file, '{"log":{}}');
        await guest.page.setInputFiles('input[type=file]', file);
        await guest.page.getByText('there is no resourceSpans in it').waitFor();
      } finally {
        await guest.context.close();
        rmSync(folder, { recursive: true });
      }
    },
    JOURNEY_MS,
  );

  it(
    'open a session’s archive with its logs and payloads',
    async () => {
      const file = await archive();
      const guest = await visit(browser, control.url);
      const { page } = guest;
      try {
        await page.goto('/open');
        await page.getByText('Drop an export here').waitFor();
        await guest.context.setOffline(true);
        await page.setInputFiles('input[type=file]', file);
        const rows = page.getByRole('table', { name: 'Traces of the file' }).locator('tbody tr');
        await until('every trace', async () => (await rows.count()) === 7);
        await rows.filter({ hasText: '240' }).getByRole('link').click();
        await page.getByRole('region', { name: 'Findings' }).waitFor();
        await page.getByRole('link', { name: 'Show span for: pre-function' }).click();
        await page.getByRole('link', { name: '2 lines of this span in the log' }).click();
        await until('the lines of the span', async () => (await lines(page).count()) === 2);
        await page.getByRole('button', { name: 'Show all' }).click();
        await until('every line', async () => (await lines(page).count()) === 4);
        expect(await lines(page).locator('td:first-child').allTextContents()).toEqual([
          ...['+240.000 ms', '+212.000 ms', '+8.000 ms', '+7.250 ms'],
        ]);
        await page.getByText(`rates read ${HTML}`).waitFor();
        await takePictures(page, 'open-archive-logs');
        await page.keyboard.press('4');
        const side = page.getByRole('region', { name: 'To the client', exact: true });
        await side.getByText(`<h1>hi</h1>${HTML}`).waitFor();
        await page.getByText('redacted · card number').waitFor();
        expect(await page.getByText('audit log').count()).toBe(0);
        await takePictures(page, 'open-archive-payload');
        expect(await page.evaluate('window.pwned')).toBeUndefined();
        expect(guest.complaints.filter((text) => !/401|INTERNET_DISCONNECTED/.test(text))).toEqual([]);
      } finally {
        await guest.context.close();
      }
    },
    JOURNEY_MS,
  );

  it('open the palette on the list of keys that is just being closed, however long it takes to load', async () => {
    const guest = await visit(browser, control.url);
    const { page } = guest;
    try {
      const held = new Promise<Route>((resolve) => void page.route('**/palette-*.js', resolve));
      await page.goto('/open');
      await page.getByText('Drop an export here').waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await page.evaluate(`new Promise((resolve) => {
        const dialog = document.querySelector('dialog[open]');
        dialog.addEventListener('close', resolve);
        dialog.close();
        dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
      })`);
      await (await held).continue();
      await page.getByRole('combobox', { name: 'Go to or do' }).fill('e');
    } finally {
      await guest.context.close();
    }
  });

  it(
    'have nothing serious for axe, in either theme, and fit where they are magnified four times',
    async () => {
      const { page } = user;
      const faults: string[] = [];
      const note = async (theme: string, name: string) =>
        void faults.push(...(await seriousFaults(page)).map((fault) => `${theme} ${name}: ${fault}`));
      const screens = [
        ['trace-summary', tab('summary'), 'Where the time went'],
        ['trace-spans', tab('spans'), 'Critical path'],
        ['trace-logs', tab('logs'), 'rates read'],
        ['trace-payload', tab('payload'), 'From the client'],
        ['compare', inSession(session.id, `compare?a=${SLOW}`), 'longer than the median'],
        ['analysis', inSession(session.id, 'analysis'), 'all 7 traces'],
      ] as const;
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: theme === 'dark' ? 'reduce' : null });
        for (const [name, url, sign] of screens) {
          await page.goto(url);
          await page.getByText(sign).first().waitFor();
          if (name === 'trace-logs') await page.keyboard.press('j');
          if (theme === 'dark') await takePictures(page, `${name}-dark`);
          expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
          await note(theme, name);
        }
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: 'Keys' }).waitFor();
        await takePictures(page, `keys-${theme}`);
        await note(theme, 'keys');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'Go to or do' }).fill('e');
        await takePictures(page, `palette-${theme}`);
        await note(theme, 'palette');
        await page.goto('/open');
        await page.getByText('Drop an export here').waitFor();
        await note(theme, 'open');
        await page.setInputFiles('input[type=file]', await archive());
        await page.getByRole('table', { name: 'Traces of the file' }).waitFor();
        await takePictures(page, `open-archive-${theme}`);
        await note(theme, 'open-archive');
      }
      expect(faults).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
      await page.setViewportSize({ width: 360, height: 640 });
      for (const [name, url, sign] of screens) {
        await page.goto(url);
        await page.getByText(sign).first().waitFor();
        const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect([name, beyond]).toEqual([name, 0]);
      }
      await page.emulateMedia({ forcedColors: null });
      await page.setViewportSize({ width: 1440, height: 900 });
    },
    JOURNEY_MS,
  );

  it('leave nothing in the console but what was refused', () => {
    expect(user.complaints.filter((text) => !/status of 40[34]/.test(text))).toEqual([]);
  });
});
