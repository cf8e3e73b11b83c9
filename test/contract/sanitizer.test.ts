import { gzipSync } from 'node:zlib';
import type { RedactionSettings, SanitizerPreview } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODINGS, MASKING_TABLE } from '../support/masking-table.ts';
import { CONFIG, SESSIONS, TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;
beforeAll(async () => {
  const plugins = `plugins:\n- name: key-auth\n  config: { key_names: [x-shop-key] }\n`;
  controlPlane = await TestControlPlane.start({ config: { text: CONFIG + plugins, replaces: true } });
});
afterAll(() => controlPlane.close());

async function preview(request: object): Promise<SanitizerPreview> {
  const { status, body } = await controlPlane.call<SanitizerPreview>('/sanitizer/preview', { body: request });
  expect([status, body]).toMatchObject([200, {}]);
  return body;
}
const shown = async (body: string, content_type: string | null = null, rules: object[] = []) =>
  (await preview({ headers: {}, body, content_type, rules })).body;

describe('the preview of the sanitizer', () => {
  it.each(MASKING_TABLE)(
    'shows of %s what may be seen, whatever it is encoded in',
    async (body, expected) => {
      expect(await shown(body)).toBe(expected);
      for (const [content_encoding, encode] of CODINGS) {
        const body_base64 = encode(Buffer.from(body)).toString('base64');
        const answer = await preview({ body_base64, content_encoding, content_type: 'text/plain' });
        expect(answer).toMatchObject({ body: expected, content_encoding });
        expect(Buffer.from(answer.body_base64!, 'base64').toString()).toBe(expected);
      }
    },
  );

  it('shows headers under their names, with what was masked and by which rule', async () => {
    const answer = await preview({
      headers: {
        Authorization: 'Bearer secret-token',
        'X-Shop-Key': 'secret-key',
        Cookie: ['a=1', 'b=2'],
        Accept: '*/*',
        'X-Email': 'ada@example.com',
      },
      rules: [{ header: 'x-email' }],
    });
    expect(answer).toEqual({
      headers: {
        Authorization: 'Bearer ****',
        'X-Shop-Key': '****',
        Cookie: ['a=****', 'b=****'],
        Accept: '*/*',
        'X-Email': '****',
      },
      body: null,
      body_base64: null,
      content_type: null,
      content_encoding: null,
      redactions: [
        { where: 'headers.authorization', rule: 'authorization', count: 1 },
        { where: 'headers.x-shop-key', rule: 'key_name:x-shop-key', count: 1 },
        { where: 'headers.cookie', rule: 'name:cookie', count: 2 },
        { where: 'headers.x-email', rule: 'rules[0]', count: 1 },
      ],
    });
  });

  it('applies paths and patterns', async () => {
    const rules = [{ json_path: '$.user.email' }, { pattern: 'order-\\d+' }];
    expect(
      await shown('{"user":{"email":"ada@example.com"},"ref":"order-17"}', 'application/json', rules),
    ).toBe('{"user":{"email":"****"},"ref":"****"}');
  });

  it('shows nothing of what it could not look through', async () => {
    for (const [request, reason] of [
      [{ body: 'x', content_encoding: 'lzma' }, 'content coding lzma is not known'],
      [{ body: 'not gzip', content_encoding: 'gzip' }, 'not valid gzip data'],
      [
        { body_base64: gzipSync(Buffer.alloc(20_000_000)).toString('base64'), content_encoding: 'gzip' },
        'bytes once decoded',
      ],
      [{ body_base64: gzipSync('4242424242424242').toString('base64') }, 'gzip data'],
    ] as const) {
      const { body, redactions } = await preview(request);
      expect(body).toContain(reason);
      expect(redactions).toEqual([{ where: 'body', rule: 'not_scanned', count: 1 }]);
    }
  });

  it.each([
    [{ rules: [{ pattern: 'ok' }, { pattern: 'a(' }] }, 'rules[1].pattern', 2],
    [{ rules: [{ json_path: '$.a b' }] }, 'rules[0].json_path', 4],
    [{ rules: [{ header: 'a: b' }] }, 'rules[0].header', undefined],
    [{ body: 'x', body_base64: 'eA==' }, 'body_base64', undefined],
    [{ body_base64: '*' }, 'body_base64', undefined],
  ])('says where %j is wrong', async (request, path, column) => {
    const { status, body } = await controlPlane.call('/sanitizer/preview', { body: request });
    expect([status, body]).toMatchObject([400, { code: 'invalid_request', errors: [{ path }] }]);
    expect(body.errors?.[0]?.column).toBe(column);
  });
});

describe('the redaction rules', () => {
  it('of a session are checked when it is started', async () => {
    await controlPlane.node();
    const capture = { logs: 'debug', redact: [{ pattern: '(?=x)' }, { json_path: 'a' }] };
    const { status, body } = await controlPlane.call(SESSIONS, { body: { capture } });
    expect([status, body]).toMatchObject([
      400,
      {
        code: 'invalid_request',
        errors: [
          { path: 'capture.redact[0].pattern', column: 1 },
          { path: 'capture.redact[1].json_path', column: 1 },
        ],
      },
    ]);
  });

  it('of the organisation reach previews and every session, running ones too', async () => {
    const node = await controlPlane.node();
    const session = await controlPlane.session({ capture: { logs: 'debug', redact: [{ header: 'x-a' }] } });
    const rules = [{ pattern: 'acme-[0-9]+' }];
    const put = await controlPlane.call<RedactionSettings>('/settings/redaction', {
      method: 'PUT',
      body: { rules },
    });
    expect(put.body).toMatchObject({ rules, updated_by: expect.any(String) });
    expect(await shown('for acme-12')).toBe('for ****');
    await expect
      .poll(() => node.desired.find(({ id }) => id === session.id)?.capture.redact)
      .toEqual([{ header: 'x-a' }, ...rules]);
    const { body } = await controlPlane.call<{ data: { action: string }[] }>('/audit-log');
    expect(body.data.map(({ action }) => action)).toContain('redaction.change');
  });

  it('of the organisation are for its admins to change, and checked', async () => {
    const viewer = await controlPlane.token({ role: 'viewer', control_planes: 'all' });
    const put = (body: object, token?: string) =>
      controlPlane.call('/settings/redaction', {
        method: 'PUT',
        body,
        ...(token === undefined ? {} : { token }),
      });
    expect((await put({ rules: [] }, viewer)).status).toBe(403);
    expect(await put({ rules: [{ pattern: '(' }] })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'rules[0].pattern', column: 1 }] },
    });
    expect((await put({ rules: [] })).status).toBe(200);
  });
});
