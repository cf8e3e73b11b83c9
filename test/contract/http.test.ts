import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, SESSIONS, TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;
let viewerDir: string;

beforeAll(async () => {
  viewerDir = mkdtempSync(join(tmpdir(), 'gatescope-viewer-'));
  mkdirSync(join(viewerDir, 'assets'));
  writeFileSync(join(viewerDir, 'index.html'), '<!doctype html><title>Gatescope</title>');
  writeFileSync(join(viewerDir, 'assets', 'main-abc123.js'), 'export {};');
  controlPlane = await TestControlPlane.start({ viewerDir });
});
afterAll(async () => {
  await controlPlane.close();
  rmSync(viewerDir, { recursive: true });
});

const PROBLEM = 'application/problem+json; charset=utf-8';
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

function securityOf(headers: Headers): Record<string, string | null> {
  return Object.fromEntries(Object.keys(SECURITY).map((name) => [name, headers.get(name)]));
}

/** Status, code and content type of a failure. */
async function failure(path: string, options: Parameters<TestControlPlane['fetch']>[1] = {}) {
  const response = await controlPlane.fetch(path, options);
  const problem = (await response.json()) as Problem;
  expect(problem).toMatchObject({ status: response.status, type: `urn:gatescope:problem:${problem.code}` });
  return [response.status, problem.code, response.headers.get('content-type')];
}

describe('a request that can not be answered', () => {
  it('gets a problem where there is nothing, for those who are signed in', async () => {
    expect(await failure('/api/v1/nowhere')).toEqual([404, 'not_found', PROBLEM]);
    expect(await failure('/api/v1/me', { method: 'DELETE' })).toEqual([404, 'not_found', PROBLEM]);
    expect(await failure('/api/v1/nowhere', { token: null })).toEqual([401, 'unauthorized', PROBLEM]);
    expect(await failure('/nowhere.png')).toEqual([404, 'not_found', PROBLEM]);
    expect(await failure('/nowhere', { method: 'POST' })).toEqual([404, 'not_found', PROBLEM]);
  });

  it('gets a problem where its address is no address', async () => {
    expect(await failure('/api/v1/control-planes/%zz')).toEqual([400, 'invalid_request', PROBLEM]);
    expect(await failure(`/api/v1/control-planes/${'x'.repeat(600)}`)).toEqual([404, 'not_found', PROBLEM]);
  });

  it.each([
    ['is not JSON', '{"expression": ', 'application/json', [400, 'invalid_request', PROBLEM]],
    ['is nothing', '', 'application/json', [400, 'invalid_request', PROBLEM]],
    ['is a list', '[]', 'application/json', [400, 'invalid_request', PROBLEM]],
    ['is null', 'null', 'application/json', [400, 'invalid_request', PROBLEM]],
    [
      'would change prototypes',
      '{"expression": "a", "__proto__": {"x": 1}}',
      'application/json',
      [400, 'invalid_request', PROBLEM],
    ],
    ['is text', '{"expression": "http.method==GET"}', 'text/plain', [415, 'unsupported_media_type', PROBLEM]],
    [
      'is a form',
      'expression=1',
      'application/x-www-form-urlencoded',
      [415, 'unsupported_media_type', PROBLEM],
    ],
    [
      'is too large',
      JSON.stringify({ expression: 'x'.repeat(3 * 1_048_576) }),
      'application/json',
      [413, 'too_large', PROBLEM],
    ],
  ])('gets a problem where its body %s', async (_, body, type, expected) => {
    const options = { method: 'POST', body, headers: { 'content-type': type } };
    expect(await failure('/api/v1/rules/check', options)).toEqual(expected);
  });

  it('is answered where it needs no body and names the type of one', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await controlPlane.fetch('/api/v1/logout', { method: 'POST', headers, body: '' });
    expect(response.status).toBe(204);
  });

  it('is refused before its body is read', async () => {
    const options = {
      method: 'POST',
      token: 'wrong',
      body: 'not JSON',
      headers: { 'content-type': 'text/plain' },
    };
    expect(await failure('/api/v1/rules/check', options)).toEqual([401, 'unauthorized', PROBLEM]);
  });

  it('names what it does not know', async () => {
    const { body } = await controlPlane.call(`${SESSIONS}?sise=1`);
    expect(body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: 'sise', message: 'is not known here' }],
    });
    expect(body.detail).toContain('sise');
  });
});

describe('health', () => {
  it.each(['/health', '/api/v1/health'])('is told to everybody at %s', async (path) => {
    const response = await controlPlane.fetch(path, { token: null });
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', version: '0.1.0-test' }]);
  });

  it.each(['/ready', '/api/v1/ready'])(
    'is told to everybody at %s: ready once the API serves',
    async (path) => {
      const response = await controlPlane.fetch(path, { token: null });
      expect([response.status, await response.json()]).toEqual([200, { status: 'ready', missing: null }]);
    },
  );

  it('says what is missing, in the all-in-one, until its gateway is connected and has the configuration', async () => {
    const own = await TestControlPlane.start({ waitsForNode: true });
    try {
      const ready = async () => {
        const response = await own.fetch('/ready', { token: null });
        return [response.status, await response.json()];
      };
      expect(await ready()).toEqual([503, { status: 'starting', missing: 'no gateway is connected yet' }]);
      let apply = () => {};
      await own.node({
        onConfig: ({ hash }) =>
          new Promise((resolve) => (apply = () => resolve({ applied: true, hash, error: null }))),
      });
      expect(await ready()).toEqual([
        503,
        { status: 'starting', missing: 'the gateway has not taken its configuration yet' },
      ]);
      apply();
      await expect.poll(ready).toEqual([200, { status: 'ready', missing: null }]);
    } finally {
      await own.close();
    }
  });
});

describe('metrics', () => {
  it.each(['/metrics', '/api/v1/metrics'])('are text that Prometheus reads at %s', async (path) => {
    const response = await controlPlane.fetch(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const lines = (await response.text()).split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]+"\})? \d+(\.\d+)?(e-\d+)?)$/);
    expect(lines).toContain('gatescope_nodes_connected 0');
  });

  it('are not for everybody', async () => {
    expect(await failure('/metrics', { token: null })).toEqual([401, 'unauthorized', PROBLEM]);
  });
});

describe('security headers', () => {
  it.each(['/', '/sessions/any', '/assets/main-abc123.js', '/health', '/api/v1/me', '/api/v1/nowhere'])(
    'are on %s',
    async (path) => {
      const { headers } = await controlPlane.fetch(path);
      expect(securityOf(headers)).toEqual(SECURITY);
    },
  );

  it('are on what is refused too', async () => {
    for (const path of ['/api/v1/me', '/api/v1/control-planes/%zz']) {
      expect(securityOf((await controlPlane.fetch(path, { token: null })).headers)).toEqual(SECURITY);
    }
  });

  it('keep answers of the API out of caches', async () => {
    expect((await controlPlane.fetch('/api/v1/me')).headers.get('cache-control')).toBe('no-store');
  });

  it('tell nobody else that scripts of theirs may read it', async () => {
    const { headers } = await controlPlane.fetch('/api/v1/me', {
      headers: { origin: 'https://evil.example' },
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the viewer', () => {
  it.each(['/', '/sessions/abc', '/control-planes/default/sessions/new', '/?token=x'])(
    'is its page at %s, for everybody',
    async (path) => {
      const response = await controlPlane.fetch(path, { token: null });
      expect([
        response.status,
        response.headers.get('content-type'),
        response.headers.get('cache-control'),
      ]).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
      expect(await response.text()).toBe('<!doctype html><title>Gatescope</title>');
    },
  );

  it('has files that never change under their names', async () => {
    const response = await controlPlane.fetch('/assets/main-abc123.js', { token: null });
    expect([response.status, response.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
  });

  it('leads nowhere else', async () => {
    for (const path of [
      '/../gatescope.db',
      '/%2e%2e/gatescope.db',
      '/assets/..%2f..%2fgatescope.db',
      '/assets/%2e%2e/%2e%2e/local.key',
    ]) {
      const response = await controlPlane.fetch(path);
      expect([404, 403, 400]).toContain(response.status);
    }
  });

  it('does without a page: the API alone is served', async () => {
    const own = await TestControlPlane.start();
    try {
      const response = await own.fetch('/');
      expect([response.status, response.headers.get('content-type')]).toEqual([404, PROBLEM]);
      const me = await own.fetch('/api/v1/me', { token: ADMIN_TOKEN });
      expect(me.status).toBe(200);
    } finally {
      await own.close();
    }
  });
});
