import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Product, ROOT } from './product.ts';
import { until } from './until.ts';

/** The viewer as it was built. */
export const VIEWER_DIR = join(ROOT, 'dist/viewer');

/** The widths at which pages are looked at, CSS pixels. */
const WIDTHS = [1440, 1024, 800] as const;
const HEIGHT = 900;
const AXE_PATH = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let axeSource: string | null = null;

/** A page and everything its console, its network and its policies had to complain about. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
}

/** Starts a Chromium without a window; `path` is where it is installed. */
export async function launchChromium(path: string): Promise<Browser> {
  return await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Opens an empty page of its own (no cookies of others) and listens to what goes wrong in it. */
export async function visit(browser: Browser, baseURL: string): Promise<Visit> {
  const context = await browser.newContext({ baseURL, viewport: { width: WIDTHS[0], height: HEIGHT } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} (${page.url()})`);
  });
  page.on('pageerror', (error) => void complaints.push(`${error.message} (${page.url()})`));
  return { page, context, complaints };
}

/** What axe finds on a page as it is, serious or critical, one line each; empty where all is well. */
export async function seriousFaults(page: Page): Promise<string[]> {
  axeSource ??= readFileSync(AXE_PATH, 'utf8');
  if (!(await page.evaluate(`typeof axe !== 'undefined'`))) await page.evaluate(axeSource);
  const { violations } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    );
}

/** Where a page is wider than what can be seen of it, the elements that reach beyond; empty where it does not scroll sideways. */
export async function tooWide(page: Page): Promise<string[]> {
  return (await page.evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth && element.childElementCount === 0)
      .map((element) => element.className + ': ' + element.textContent.slice(0, 60))`)) as string[];
}

/** Pictures of the page as it is, in every width, in test-results/viewer; none may scroll sideways. The width is afterwards what it was. */
export async function takePictures(page: Page, name: string): Promise<void> {
  const folder = join(ROOT, 'test-results/viewer');
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`) });
    const beyond = await tooWide(page);
    if (beyond.length > 0) throw new Error(`${name} at ${width} px is too wide: ${beyond.join('; ')}`);
  }
  if (before !== null) await page.setViewportSize(before);
}

/** How many elements the page has. */
export async function elementCount(page: Page): Promise<number> {
  return (await page.evaluate(`document.querySelectorAll('*').length`)) as number;
}

/** Opens the sign-in link a product printed when it started, and waits until the viewer has let one in. The link is good once. */
export async function signInByPrintedLink({ page }: Visit, product: Product): Promise<void> {
  const link = await until('the sign-in link', () => /http:\S+\/sign-in#\S+/.exec(product.output())?.[0]);
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
