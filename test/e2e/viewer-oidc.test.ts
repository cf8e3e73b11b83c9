import type { AuditEntry, List, PayloadCapture, Session, TraceSummary } from '@gatescope/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IdentityProvider } from '../contract/support/identity-provider.ts';
import { launchChromium, seriousFaults, takePictures, type Visit, visit } from '../support/browser.ts';
import { type Product, productPorts, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const CP = '/control-planes/default';
const SECRET = 'the secret of the order';
/** A journey takes seconds; on a machine that is busy with other tests, more. */
const JOURNEY_MS = 180_000;
const PEOPLE = {
  vera: { email: 'vera@example.com', email_verified: true, groups: ['support'] },
  rita: { email: 'rita@example.com', email_verified: true, groups: ['payments'] },
  eve: { email: 'eve@example.com', email_verified: true, groups: ['visitors'] },
};

const config = (upstream: string) => `_format_version: "3.0"
services:
- name: shop
  url: ${upstream}
  routes:
  - name: shop
    paths: [/]
`;

describeWith('chromium', 'the viewer, signed in to through an OpenID Connect provider,', (chromium) => {
  let provider: IdentityProvider;
  let upstream: Upstream;
  let product: Product;
  let browser: Browser;
  let session: Session;
  let trace: TraceSummary;
  const payload = () => `${CP}/sessions/${session.id}/traces/${trace.id}/payload`;

  /** Goes to `url` and, from the sign-in page, to the provider and back as `person`. */
  const enter = async (person: string, url: string): Promise<Visit> => {
    const user = await visit(browser, product.apiUrl);
    const { page, context } = user;
    // The provider's page wants a font from elsewhere.
    await context.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in with Example login' }).click();
    await page.getByPlaceholder('Enter any login').fill(person);
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    return user;
  };

  beforeAll(async () => {
    const ports = await productPorts();
    const url = `http://127.0.0.1:${ports.api}`;
    [provider, upstream] = await Promise.all([
      IdentityProvider.start(`${url}/api/v1/login/oidc/callback`, PEOPLE),
      startUpstream((request, response) => {
        request.resume();
        response.end('done');
      }),
    ]);
    [product, browser] = await Promise.all([
      startProduct({
        ports,
        config: config(upstream.url),
        env: {
          GATESCOPE_OIDC_ISSUER: provider.issuer,
          GATESCOPE_OIDC_CLIENT_ID: 'gatescope',
          GATESCOPE_OIDC_CLIENT_SECRET: 'client-secret',
          GATESCOPE_OIDC_NAME: 'Example login',
          GATESCOPE_OIDC_ROLES: 'support=viewer; payments=viewer+payload_read',
          GATESCOPE_PUBLIC_URL: url,
        },
      }),
      launchChromium(chromium),
    ]);
    const { body } = await product.api<PayloadCapture>('GET', '/settings/payload-capture');
    await product.api('PUT', '/settings/payload-capture', {
      enabled: true,
      agreement_text: body.agreement_text,
    });
    session = (
      await product.api<Session>('POST', `${CP}/sessions`, {
        name: 'orders',
        capture: { logs: 'info', headers: true, bodies: true },
      })
    ).body;
    await until(
      'the session',
      async () => (await product.api<Session>('GET', `${CP}/sessions/${session.id}`)).body.state === 'active',
    );
    await (
      await fetch(`${product.proxyUrl}/orders`, {
        method: 'POST',
        body: SECRET,
        headers: { 'content-type': 'text/plain' },
      })
    ).text();
    trace = await until(
      'the trace',
      async () =>
        (await product.api<List<TraceSummary>>('GET', `${CP}/sessions/${session.id}/traces`)).body.data[0],
    );
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
    await provider?.close();
    await upstream?.close();
  });

  it(
    'offers the provider, and leads back to where somebody wanted to go',
    async () => {
      const guest = await visit(browser, product.apiUrl);
      await guest.page.goto(payload());
      await guest.page.getByRole('link', { name: 'Sign in with Example login' }).waitFor();
      for (const theme of ['light', 'dark'] as const) {
        await guest.page.emulateMedia({ colorScheme: theme });
        await takePictures(guest.page, `sign-in-oidc-${theme}`);
        expect(await seriousFaults(guest.page)).toEqual([]);
      }
      await guest.context.close();
      const rita = await enter('rita', payload());
      await rita.page.getByText(SECRET).first().waitFor();
      expect(new URL(rita.page.url()).pathname).toBe(payload());
      await rita.page.getByText('rita@example.com').waitFor();
      await takePictures(rita.page, 'payload-by-oidc');
      await rita.context.close();
    },
    JOURNEY_MS,
  );

  it(
    'shows no payload to who may not see it, on no way, and keeps the attempt in the audit log',
    async () => {
      const vera = await enter('vera', payload());
      await vera.page.getByText('You may not read payloads').waitFor();
      await takePictures(vera.page, 'payload-refused');
      expect(await vera.page.content()).not.toContain(SECRET);
      const api = `/api/v1${CP}/sessions/${session.id}`;
      const answers = (await vera.page.evaluate(
        `Promise.all(${JSON.stringify([
          `${api}/traces/${trace.id}/payload`,
          `${api}/traces/${trace.id}`,
          `${api}/export?format=zip`,
          `${api}/export?format=har`,
        ])}.map(async (url) => { const answer = await fetch(url); return [answer.status, await answer.text()]; }))`,
      )) as [number, string][];
      expect(answers.map(([status]) => status)).toEqual([403, 200, 200, 200]);
      for (const [, text] of answers) expect(text).not.toContain(SECRET);
      await vera.page.getByRole('link', { name: 'Summary' }).click();
      await vera.page.getByRole('heading', { name: 'Transaction' }).waitFor();
      await vera.context.close();
      const { body } = await product.api<List<AuditEntry>>('GET', '/audit-log?action=payload.read');
      const attempts = body.data.filter(({ actor }) => actor === 'vera@example.com');
      expect(attempts).toHaveLength(2);
      for (const attempt of attempts)
        expect(attempt).toMatchObject({
          outcome: 'refused',
          target: `/api/v1${payload()}`,
          address: '127.0.0.1',
          details: { status: 403, code: 'forbidden' },
        });
    },
    JOURNEY_MS,
  );

  it(
    'tells who has no role here that they have none',
    async () => {
      const eve = await enter('eve', `${CP}/sessions`);
      await eve.page.getByText('You could not be signed in').waitFor();
      await takePictures(eve.page, 'sign-in-refused');
      await eve.page.getByText(/^None of your groups has rights here \(visitors\)/).waitFor();
      expect(await eve.page.getByLabel('Password').isVisible()).toBe(true);
      await eve.context.close();
    },
    JOURNEY_MS,
  );
});
