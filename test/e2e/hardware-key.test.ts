import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Key, List, Session, TraceSummary } from '@gatescope/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSql } from '../../packages/control-plane/src/testing/run-sql.ts';
import { type Product, startProduct } from '../support/product.ts';
import { describeWith } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { answerWithStatus, startUpstream, type Upstream } from '../support/upstream.ts';

const PIN = '123456';
const SESSIONS = '/control-planes/default/sessions';
const LIBRARY = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));

describeWith('softhsm2-util', 'a key in a PKCS#11 token', (softhsm) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-hsm-'));
  const env = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf'), GATESCOPE_TEST_PIN: PIN };
  let product: Product;
  let upstream: Upstream;

  beforeAll(async () => {
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(
      env.SOFTHSM2_CONF,
      `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`,
    );
    const init = ['--init-token', '--free', '--label', 'traces', '--pin', PIN, '--so-pin', PIN];
    execFileSync(softhsm, init, { env: { ...process.env, ...env } });
    upstream = await startUpstream(answerWithStatus);
    product = await startProduct({ config: configFor(upstream.url), env });
  });
  afterAll(async () => {
    await product?.close();
    await upstream?.close();
    rmSync(folder, { recursive: true });
  });

  const act = async (id: string, action: string) =>
    (await product.api<Key>('POST', `/keys/${id}/${action}`)).body;
  const traces = (id: string) => product.api<List<TraceSummary>>('GET', `${SESSIONS}/${id}/traces`);
  const register = (name: string, pin_env: string, token_label = 'traces') =>
    product.api<Key & { detail: string }>('POST', '/keys', {
      name,
      provider: 'pkcs11',
      config: { library: LIBRARY, token_label, pin_env, key_label: 'gatescope' },
    });

  it('seals sessions, is rotated, disabled and enabled again', async () => {
    const registered = await register('hsm', 'GATESCOPE_TEST_PIN');
    expect([registered.status, registered.body]).toMatchObject([
      201,
      { provider: 'pkcs11', state: 'inactive' },
    ]);
    const { id } = registered.body;
    expect(await act(id, 'activate')).toMatchObject({ state: 'active', reason: null });
    const session = (await product.api<Session>('POST', SESSIONS, {})).body;
    await until('a trace', async () => {
      await fetch(`${product.proxyUrl}/`);
      return (await traces(session.id)).body.data.length > 0;
    });
    const wrapped = () =>
      runSql<{ hex: string }>(
        join(product.dataDir, 'gatescope.db'),
        'select hex(wrapped_key) as hex from sessions where id = ?',
        session.id,
      )[0]!.hex;
    const before = wrapped();
    await act(id, 'rotate');
    await until('the data key to be wrapped anew', () => wrapped() !== before);
    expect((await traces(session.id)).status).toBe(200);
    expect(await act(id, 'disable')).toMatchObject({ state: 'disabled' });
    const disabled = await traces(session.id);
    expect([disabled.status, disabled.body]).toMatchObject([503, { code: 'key_unavailable' }]);
    expect((disabled.body as unknown as { detail: string }).detail).toContain('key hsm is disabled');
    expect(await act(id, 'activate')).toMatchObject({ state: 'active' });
    const enabled = await traces(session.id);
    expect([enabled.status, enabled.body.data.length > 0]).toEqual([200, true]);
  });

  it('says what is wrong with PIN and token', async () => {
    for (const [answer, detail] of [
      [await register('a', 'NO_SUCH_PIN'), 'NO_SUCH_PIN is not set'],
      [await register('b', 'GATESCOPE_TEST_PIN', 'elsewhere'), 'there is no token elsewhere'],
    ] as const) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(answer.body.detail).toContain(detail);
      expect(JSON.stringify(answer.body)).not.toContain(PIN);
    }
  });
});

function configFor(url: string): string {
  return `_format_version: "3.0"\nservices:\n- name: shop\n  url: ${url}\n  routes:\n  - name: all\n    paths: [/]\n`;
}
