import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Session } from '@gatescope/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, TestControlPlane } from '../contract/support/control-plane.ts';
import type { TestNode } from '../contract/support/node.ts';
import { aTrace, exportRequest } from '../contract/support/otlp.ts';
import { launchChromium, takePictures, VIEWER_DIR, type Visit, visit } from '../support/browser.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';

const SESSIONS = '/control-planes/default/sessions';
const LOST = 'The control plane does not answer.';

/** The way from the browser to the control plane; it can be cut and mended. */
class Cable {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  constructor(target: number) {
    this.#target = target;
  }

  async mend(): Promise<void> {
    const server = createServer((socket) => {
      const other = connect(this.#target, '127.0.0.1');
      for (const [end, far] of [
        [socket, other],
        [other, socket],
      ] as const) {
        this.#sockets.add(end);
        end.on('error', () => far.destroy());
        end.on('close', () => far.destroy());
        end.pipe(far);
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}

describeWith('chromium', 'the viewer, cut off from its control plane,', (chromium) => {
  let control: TestControlPlane;
  let node: TestNode;
  let session: Session;
  let browser: Browser;
  let user: Visit;
  let cable: Cable;

  const rows = () => user.page.getByRole('table', { name: 'Traces' }).locator('tbody a');
  const lost = () => user.page.getByText(LOST).first().waitFor();
  const back = () => user.page.getByText(LOST).first().waitFor({ state: 'detached' });
  const send = async (count: number) => {
    const traces = Array.from({ length: count }, () => aTrace([session.id], { startMs: Date.now() }));
    expect(await node.send(exportRequest(...traces))).toMatchObject({ status: 200 });
  };

  beforeAll(async () => {
    [control, browser] = await Promise.all([
      TestControlPlane.start({ viewerDir: VIEWER_DIR }),
      launchChromium(chromium),
    ]);
    node = await control.node();
    session = await control.session({ name: 'cut off', max_traces: 100 });
    cable = new Cable(control.server.apiAddress.port);
    await cable.mend();
    user = await visit(browser, `http://127.0.0.1:${cable.port}`);
    await user.context.setExtraHTTPHeaders({ authorization: `Bearer ${ADMIN_TOKEN}` });
  });
  afterAll(async () => {
    await browser?.close();
    await cable?.cut();
    await control?.close();
  });

  it('says so on a live session, keeps its rows, and catches up with what came meanwhile', async () => {
    const { page } = user;
    await page.goto(`${SESSIONS}/${session.id}`);
    await page.getByText('Live', { exact: true }).waitFor();
    await send(3);
    await until('the first rows', async () => (await rows().count()) === 3);
    await cable.cut();
    await lost();
    await page.getByText('Connection lost, trying again').waitFor();
    expect(await rows().count()).toBe(3);
    await takePictures(page, 'offline-session');
    await send(2);
    await cable.mend();
    await back();
    await until('the rows that came meanwhile', async () => (await rows().count()) === 5);
    await page.getByText('Live', { exact: true }).waitFor();
    await send(1);
    await until('a row that comes live again', async () => (await rows().count()) === 6);
  });

  it('keeps what it has of a trace, and fetches the rest by itself', async () => {
    const { page } = user;
    const attributes = page.waitForResponse((response) => response.url().includes('/attributes?'));
    await rows().first().click();
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
    // Whoever goes back before they are there has not had them.
    await (await attributes).finished();
    await page.goBack();
    await rows().first().waitFor();
    await cable.cut();
    await lost();
    // One that was looked at before, and one that was not.
    await rows().first().click();
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
    await page.keyboard.press('2');
    await page.getByRole('treegrid').getByRole('row').first().click();
    await page.getByText('http.request.method').waitFor();
    await page.goBack();
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByText('Active tracing').click();
    await page.getByRole('heading', { name: 'Active tracing' }).waitFor();
    await page.goBack();
    await cable.mend();
    await rows().nth(1).click();
    await page.getByRole('heading', { name: 'Transaction' }).waitFor();
  });

  it('says so where it could not even begin, and begins once it can', async () => {
    const { page } = user;
    await page.goto(SESSIONS);
    await page.getByRole('link', { name: 'cut off' }).waitFor();
    await cable.cut();
    await lost();
    await page.getByRole('link', { name: 'cut off' }).click();
    await page.getByText('No answer').waitFor();
    await cable.mend();
    await until('the rows', async () => (await rows().count()) === 6);
    expect(await page.getByText('No answer').count()).toBe(0);
  });

  it('says that a session is gone that was deleted meanwhile', async () => {
    const { page } = user;
    await cable.cut();
    await lost();
    await control.deleteSessions();
    await cable.mend();
    await page.getByText(/There is no session/).waitFor();
  });

  it('complains of nothing but the network', () => {
    expect(user.complaints.filter((text) => !/net::ERR_|status of 404/.test(text))).toEqual([]);
  });
});
