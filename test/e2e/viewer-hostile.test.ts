import type { Session } from '@gatescope/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, SESSIONS, TestControlPlane } from '../contract/support/control-plane.ts';
import type { TestNode } from '../contract/support/node.ts';
import { aTrace, exportRequest, type SentTrace } from '../contract/support/otlp.ts';
import {
  elementCount,
  launchChromium,
  takePictures,
  VIEWER_DIR,
  type Visit,
  visit,
} from '../support/browser.ts';
import { freePorts } from '../support/free-ports.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';

/** The server alone takes seconds to read a hundred thousand spans; what the page takes is measured elsewhere. */
const HUGE_MS = 180_000;
const DAY_MS = 86_400_000;
const DOM_NODES_MAX = 1_200;
const HTML = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
const RTL = 'مرحبا بالعالم';
const TURNED = 'safe\u202egnp.exe';
const LONG = 'x'.repeat(1_048_576);
/** Names that every JavaScript object has something for. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

/** Everything of a request said by somebody who means harm. */
function hostileTrace(session: string): SentTrace {
  return aTrace([session], {
    durationMs: 20,
    attributes: {
      'url.full': `http://${HTML}/${HTML}/${TURNED}?`,
      'http.request.method': HTML,
      'http.request.header.host': HTML,
      'http.response.status_code': 503,
      'client.address': HTML,
      [HTML]: HTML,
      [RTL]: RTL,
      long: LONG,
      list: [HTML, RTL],
    },
    router: { 'proxy.kong.router.route_id': HTML, 'proxy.kong.router.service_id': RTL },
    spans: [
      { name: HTML, status: { code: 'ERROR', message: `${HTML}${LONG}` } },
      { name: `kong.access.plugin.${HTML}`, attributes: { 'proxy.kong.plugin.exit_status': 503 } },
      { name: RTL },
      { name: TURNED },
      { name: '' },
      ...INHERITED.map((name) => ({ name })),
      {
        name: 'kong.router',
        events: Array.from({ length: 200 }, () => ({
          name: HTML,
          time_unix_nano: '1800000000000000000',
          attributes: { [HTML]: LONG.slice(0, 5_000) },
        })),
      },
      { name: 'orphan', parent_span_id: 'beefbeefbeefbeef' },
      { name: 'circle', span_id: 'c1c1c1c1c1c1c1c1', parent_span_id: 'c2c2c2c2c2c2c2c2' },
      { name: 'circle', span_id: 'c2c2c2c2c2c2c2c2', parent_span_id: 'c1c1c1c1c1c1c1c1' },
      { name: 'early', start_unix_nano: '1799999999000000000', end_unix_nano: '1799999999500000000' },
    ],
  });
}

/** A trace of so many spans, wide and, on one branch, deep. */
function hugeTrace(session: string, count: number): SentTrace {
  const deep = 1_000;
  const id = (index: number) => (0xd00000000000 + index).toString(16).padStart(16, '0');
  return aTrace([session], {
    rootId: 'ffff000000000001',
    durationMs: 1_000,
    spans: Array.from({ length: count - 2 }, (_, index) => ({
      span_id: id(index),
      name: index % 7 === 0 ? 'kong.access.plugin.cors' : 'kong.io.socket.send',
      ...(index > 0 && index < deep ? { parent_span_id: id(index - 1) } : {}),
    })),
  });
}

describeWith('chromium', 'the viewer, shown what is hostile or broken,', (chromium) => {
  let control: TestControlPlane;
  let node: TestNode;
  let session: Session;
  let browser: Browser;
  let user: Visit;

  const open = (traceId: string, tab: string) =>
    user.page.goto(`/control-planes/default/sessions/${session.id}/traces/${traceId}/${tab}`);
  const send = async (trace: SentTrace) => {
    expect(await node.send(exportRequest(trace))).toMatchObject({ status: 200 });
    return trace.spans[0]!.span_id;
  };

  beforeAll(async () => {
    [control, browser] = await Promise.all([
      TestControlPlane.start({ viewerDir: VIEWER_DIR }),
      launchChromium(chromium),
    ]);
    node = await control.node({ hostname: `${HTML}${TURNED}` });
    session = await control.session({ name: `${HTML}${RTL}${TURNED}`, max_traces: 100 });
    user = await visit(browser, control.url);
    await user.context.setExtraHTTPHeaders({ authorization: `Bearer ${ADMIN_TOKEN}` });
  });
  afterAll(async () => {
    await browser?.close();
    await control?.close();
  });

  it('shows text as text, in the list, the summary and the spans', async () => {
    const { page } = user;
    await page.goto(`/control-planes/default/sessions/${session.id}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const id = await send(hostileTrace(session.id));
    await page.getByRole('table', { name: 'Traces' }).locator('tbody a').first().waitFor();
    await takePictures(page, 'hostile-session');
    for (const tab of ['summary', 'spans'] as const) {
      await open(id, tab);
      await page.getByText('Spans name each other as parents').waitFor();
      expect(await page.locator('main :is(img, script)').count()).toBe(0);
      expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
      await takePictures(page, `hostile-${tab}`);
    }
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    await page.getByRole('row', { name: 'safe⟨U+202E⟩gnp.exe' }).waitFor();
    expect((await page.getByRole('note').locator('li').allTextContents()).sort()).toEqual([
      expect.stringMatching(
        /^1 span begins before the span above, by up to \d+\.\d+ s: the clocks differ, or times are wrong\.$/,
      ),
      '1 span names a parent that is not in this trace; it stands at the top level.',
      'Spans name each other as parents; the circle is cut at its earliest span.',
    ]);
  });

  it('shows a megabyte as its beginning, and many events as some', async () => {
    const { page } = user;
    const tree = page.getByRole('treegrid');
    await tree.getByRole('row', { name: /^Gateway: kong( |$)/ }).click();
    await page.getByText('1,000 of 1,048,576 characters').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('50,000 of 1,048,576 characters').waitFor();
    expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
    await takePictures(page, 'hostile-detail');
    await tree
      .getByRole('row', { name: /^Router: kong\.router/ })
      .last()
      .click();
    await page.getByText('150 later events are in the download.').waitFor();
    expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
  });

  it('shows a hundred thousand spans with no more elements than a few', async () => {
    const { page } = user;
    const id = await send(hugeTrace(session.id, 100_000));
    await open(id, 'summary');
    await page.getByText(/^98,98\d shorter steps/).waitFor({ timeout: HUGE_MS });
    expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
    await page.keyboard.press('2');
    const tree = page.getByRole('treegrid');
    await tree.waitFor();
    expect(await tree.getAttribute('aria-rowcount')).toBe('100000');
    await tree.focus();
    await page.keyboard.press('End');
    await until('the last row', async () => (await tree.locator('[aria-rowindex="100000"]').count()) === 1);
    await page.keyboard.press('/');
    await page.keyboard.type('plugin:cors dur>0ns');
    await page.getByText(/^14,286 of 100,000$/).waitFor();
    expect(await elementCount(page)).toBeLessThan(DOM_NODES_MAX);
  }, 180_000);

  it('shows a file whose trace lost its root', async () => {
    const { page } = user;
    const at = (ms: number) => `${1_800_000_000_000 + ms}000000`;
    const span = (
      spanId: string,
      name: string,
      from: number,
      to: number,
      parentSpanId = 'dead00000000beef',
    ) => ({
      ...{ traceId: 'ab'.repeat(16), spanId, parentSpanId, name, kind: 1 },
      ...{ startTimeUnixNano: at(from), endTimeUnixNano: at(to), attributes: [], status: {} },
    });
    const spans = [
      span('1111111111111111', 'kong.phase.access', 0, 30),
      span('2222222222222222', 'kong.access.plugin.key-auth', 5, 25, '1111111111111111'),
      span('3333333333333333', 'kong.read_headers_from_upstream', 31, 40),
    ];
    const text = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    await page.goto('/open');
    await page.setInputFiles('input[type=file]', {
      ...{ name: 'rootless.json', mimeType: 'application/json', buffer: Buffer.from(text) },
    });
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
    await takePictures(page, 'rootless-summary');
    await page.keyboard.press('2');
    await page.getByRole('treegrid').waitFor();
    await takePictures(page, 'rootless-spans');
    expect(await page.getByRole('note').locator('li').allTextContents()).toEqual([
      'No span is the whole request: there is none called kong. What is told of the request is of kong.phase.access, the longest that has no parent.',
      '1 span names a parent that is not in this trace; it stands at the top level.',
    ]);
  });

  it('says of a trace that it is not there, and shows it once it has come', async () => {
    const { page } = user;
    await open('abab000000000001', 'summary');
    await page.getByText('There is no trace abab000000000001 in this session.').waitFor();
    await page.getByText('this page looks again by itself').waitFor();
    await takePictures(page, 'trace-on-its-way');
    await send(aTrace([session.id], { rootId: 'abab000000000001' }));
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
  });

  it('says so where an answer is none of a control plane, or nothing is there', async () => {
    const { page } = user;
    await open('0000000000000000', 'summary');
    await page.getByText('There is no trace 0000000000000000 in this session.').waitFor();
    await page.route('**/skeleton', (route) =>
      route.fulfill({ status: 200, body: '<html>Sign in to the Wi-Fi</html>' }),
    );
    await open('ffff000000000001', 'summary');
    await page.getByText('What answered is no control plane').waitFor();
    await page.unroute('**/skeleton');
  });

  it('says that a session’s time is up, and keeps what it had read of a trace', async () => {
    const { page } = user;
    const [port] = await freePorts(1);
    const options = { viewerDir: VIEWER_DIR, api: { host: '127.0.0.1', port: port! } };
    let own = await TestControlPlane.start(options);
    try {
      const itsNode = await own.node();
      const old = await own.session({ name: 'a week ago' });
      const trace = aTrace([old.id]);
      expect(await itsNode.send(exportRequest(trace))).toMatchObject({ status: 200 });
      await page.goto(`${own.url}/control-planes/default/sessions/${old.id}`);
      await page.getByRole('table', { name: 'Traces' }).locator('tbody a').click();
      await page.getByRole('heading', { name: 'Transaction' }).waitFor();
      await own.call(`${SESSIONS}/${old.id}/stop`, { method: 'POST' });
      await own.sessionIn('ended', old.id);
      own.sql('update sessions set expires_at = expires_at - ? where id = ?', 7 * DAY_MS, old.id);
      // It looks for what has run out when it starts, and every few minutes.
      own = await own.restart(options);
      await page.getByText('The control plane does not answer.').waitFor({ state: 'detached' });
      await page.keyboard.press('2');
      await page.getByRole('treegrid').waitFor();
      await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByText('a week ago').click();
      await page.getByText('Sessions are deleted with all their traces when they expire').waitFor();
      await takePictures(page, 'session-expired');
      await page.getByRole('main').getByRole('link', { name: 'All sessions' }).click();
      await page.getByRole('heading', { name: 'No tracing session yet' }).waitFor();
    } finally {
      await own.close();
    }
  }, 180_000);

  it('leaves nothing in the console but what the server refused', () => {
    expect(user.complaints.filter((text) => !/status of 404|net::ERR_/.test(text))).toEqual([]);
  });
});
