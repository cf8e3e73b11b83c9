/**
 * `npm run bench:viewer`: the viewer in a real Chromium: how long a trace takes to open, the main thread's time for a scrolled frame and a
 * keystroke in the filter, elements and bytes; beside a plain table of the same spans in the same run. With `--live` also how long a span that was finished
 * on a gateway takes to be seen (needs nginx).
 *
 *   --rounds N       rounds of each measurement (default: 5)
 *   --live           measure a session's live list too
 *   --chromium PATH  (default: /usr/bin/chromium)
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { median } from './support/median.mjs';
import { PORTS, ROOT, Servers } from './support/servers.mjs';
import { serveViewer } from './support/viewer-host.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    live: { type: 'boolean', default: false },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const rounds = Number(values.rounds);
const [MANY, USUAL] = [10_000, 25];
const SESSION = '/control-planes/default/sessions/s';
const FRAMES = 60;
const results = [];

const host = await serveViewer([MANY, USUAL]);
const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const many = `${SESSION}/traces/${MANY}/spans`;
  const isTreeThere = `document.querySelectorAll('[role=treegrid] tr[aria-level]').length > 5`;
  const isSummaryThere = `document.body.textContent.includes('Where the time went')`;
  const opened = await inRounds(() => open(host.url + many, isTreeThere));
  const plain = await inRounds(() =>
    open(`${host.url}/reference#${SESSION}/traces/${MANY}/skeleton`, `document.title === 'ready'`),
  );
  row('open 10,000 spans', opened, 800, 'ms', plain);
  row(
    'open 25 spans, summary',
    await inRounds(() => open(`${host.url}${SESSION}/traces/${USUAL}/summary`, isSummaryThere)),
    500,
    'ms',
  );

  const page = await pageAt(host.url + many, isTreeThere);
  const reference = await pageAt(
    `${host.url}/reference#${SESSION}/traces/${MANY}/skeleton`,
    `document.title === 'ready'`,
  );
  const scrolled = await inRounds(() => scroll(page, '[role=treegrid]'));
  row('scroll 10,000 spans, a frame', scrolled, 18, 'ms', await inRounds(() => scroll(reference, 'table')));
  row('keystroke in the filter, 10,000 spans', await inRounds(() => keystroke(page)), 30, 'ms');
  row('elements, 10,000 spans', await page.evaluate(`document.querySelectorAll('*').length`), 1_200, '');
  row('initial JavaScript, gzip', initialBytes() / 1_024, 200, 'KiB');
} finally {
  await browser.close();
  host.close();
}
if (values.live) row('finished on the gateway to row, p95', await live(), 1_000, 'ms');

console.table(results);
if (results.some((result) => result.met === 'missed')) process.exitCode = 1;

function row(what, value, most, unit, beside = null) {
  results.push({
    what,
    value: `${Math.round(value * 10) / 10} ${unit}`.trim(),
    target: `≤ ${most}`,
    met: value <= most ? 'met' : 'missed',
    'beside a plain table':
      beside === null ? '' : `${Math.round(beside * 10) / 10} ${unit}, ratio ${(value / beside).toFixed(2)}`,
  });
}

async function inRounds(measure) {
  const all = [];
  for (let round = 0; round < rounds; round++) all.push(await measure());
  return median(all);
}

async function pageAt(url, condition) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(condition);
  return page;
}

/** Milliseconds from the navigation to the frame in which the condition holds, with an empty cache. */
async function open(url, condition) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(`{
    const look = () => (document.body !== null && (${condition}) ? (window.seenAt = performance.now()) : requestAnimationFrame(look));
    look();
  }`);
  await page.goto(url);
  await page.waitForFunction('window.seenAt !== undefined');
  const took = await page.evaluate('window.seenAt');
  await context.close();
  return took;
}

/** The main thread's milliseconds a frame while the list is scrolled by ten rows a frame. */
async function scroll(page, list) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
  };
  const before = await busy();
  await page.evaluate(`new Promise((resolve) => {
    const view = document.querySelector('${list}').parentElement;
    view.scrollTop = 0;
    let frame = 0;
    const next = () => { view.scrollTop += 240; frame++ < ${FRAMES} ? requestAnimationFrame(next) : resolve(); };
    requestAnimationFrame(next);
  })`);
  return ((await busy()) - before) / FRAMES;
}

/** Milliseconds from a keystroke to the frame that shows what it finds; the middle one of a word. */
async function keystroke(page) {
  const input = page.getByLabel('Filter spans');
  await input.fill('');
  const took = [];
  for (const letter of 'plugin:oidc') {
    took.push(
      await page.evaluate(`new Promise((resolve) => {
        const input = document.querySelector('input[aria-label="Filter spans"]');
        const said = () => document.getElementById('span-filter-outcome').textContent;
        const before = said();
        const text = input.value + ${JSON.stringify(letter)};
        const start = performance.now();
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        let frames = 0;
        const look = () => (said() !== before || frames++ > 3 ? resolve(performance.now() - start) : queueMicrotaskAfter(look));
        const queueMicrotaskAfter = (then) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = then; port2.postMessage(0); };
        look();
      })`),
    );
  }
  return median(took);
}

/** What the page loads before it shows anything, packed as a server would. */
function initialBytes() {
  const html = readFileSync(join(ROOT, 'dist/viewer/index.html'), 'utf8');
  const initial = readdirSync(join(ROOT, 'dist/viewer/assets')).filter(
    (name) => name.endsWith('.js') && html.includes(name),
  );
  return initial.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(ROOT, 'dist/viewer/assets', name))).length,
    0,
  );
}

/** The 95th percentile of milliseconds from the end of a response to its row on the session's page. */
async function live() {
  const servers = new Servers();
  const other = await chromium.launch({
    executablePath: values.chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    await servers.nginx();
    const { api } = await servers.gatescope(
      `_format_version: "3.0"\nservices:\n- name: bench\n  url: http://127.0.0.1:${PORTS.upstream}\n  routes:\n  - { name: bench, paths: [/] }\n`,
    );
    const { id } = await api('POST', '/sessions', { name: 'bench' });
    const context = await other.newContext({ extraHTTPHeaders: { authorization: 'Bearer bench' } });
    const page = await context.newPage();
    await page.addInitScript(`
      window.seen = {};
      new MutationObserver(() => {
        for (const link of document.querySelectorAll('table[aria-label="Traces"] tbody a')) window.seen[link.textContent.trim()] ??= Date.now();
      }).observe(document, { childList: true, subtree: true });
    `);
    await page.goto(`http://127.0.0.1:${PORTS.api}/control-planes/default/sessions/${id}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const ended = new Map();
    for (let request = 0; request < 100; request++) {
      await (await fetch(`http://127.0.0.1:${PORTS.proxy}/live/${request}`)).arrayBuffer();
      ended.set(`GET /live/${request}`, Date.now());
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const seen = await page.evaluate('window.seen');
    const late = [...ended].map(([path, at]) => Math.max(0, (seen[path] ?? Number.POSITIVE_INFINITY) - at));
    return late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.95)];
  } finally {
    await other.close();
    await servers.close();
  }
}
