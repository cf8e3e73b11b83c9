import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceSummary } from '@gatescope/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG, CONSUMER_ID, SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest, type SentTrace } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let node: TestNode;
let id: string;
let trace: SentTrace;

/** Words of a request, none of which may be found on disk. */
const TELLING = {
  path: '/needle-path/42',
  host: 'needle-host.example.com',
  address: '203.0.113.77',
  subject: 'CN=needle-subject',
  plugin: 'needle-plugin',
  error: 'needle-error',
  event: 'needle-event',
  consumer: 'needle-consumer',
};

beforeEach(async () => {
  controlPlane = await TestControlPlane.start({
    config: { text: CONFIG.replace('ada-lovelace', TELLING.consumer), replaces: true },
  });
  node = await controlPlane.node();
  ({ id } = await controlPlane.session());
  trace = needle(id);
  await node.send(exportRequest(trace));
});
afterEach(() => controlPlane.close());

function needle(session: string): SentTrace {
  return aTrace([session], {
    attributes: {
      'url.full': `https://${TELLING.host}${TELLING.path}`,
      'http.request.header.host': TELLING.host,
      'client.address': TELLING.address,
      'tls.client.subject': TELLING.subject,
      'proxy.kong.consumer_id': CONSUMER_ID,
    },
    spans: [
      {
        name: `kong.access.plugin.${TELLING.plugin}`,
        status: { code: 'ERROR', message: TELLING.error },
        events: [{ name: TELLING.event, time_unix_nano: '1', attributes: {} }],
      },
    ],
  });
}

/** Everything the control plane keeps, as it is on disk now. */
function onDisk(): Buffer {
  const files = ['gatescope.db', 'gatescope.db-wal', 'gatescope.db-shm'].map((name) =>
    join(controlPlane.dataDir, name),
  );
  return Buffer.concat(files.filter((path) => existsSync(path)).map((path) => readFileSync(path)));
}

function foundOnDisk(words: readonly (string | Buffer)[]): unknown[] {
  const bytes = onDisk();
  return words.filter((word) => bytes.includes(word));
}

const keyPath = () => join(controlPlane.dataDir, 'local.key');
const read = async (below = '') =>
  await controlPlane.call<{ summary: TraceSummary }>(`${SESSIONS}/${id}/traces${below}`);

describe('a stored trace', () => {
  it('tells nothing of the request on disk, and everything to who may read it', async () => {
    const { consumer, ...telling } = TELLING;
    expect(foundOnDisk(Object.values(telling))).toEqual([]);
    // What is clear: ids, among others.
    expect(foundOnDisk([trace.traceId])).toEqual([trace.traceId]);
    const { body } = await read(`/${trace.traceId}`);
    expect(body.summary).toMatchObject({
      host: TELLING.host,
      path: TELLING.path,
      consumer,
      error: TELLING.error,
    });
    // The names of consumers are in the configuration; with another one in force they are nowhere.
    await controlPlane.call('/control-planes/default/config', {
      method: 'PUT',
      body: CONFIG,
      headers: { 'content-type': 'text/yaml' },
    });
    controlPlane = await controlPlane.restart({ config: null });
    await controlPlane.server.stop();
    expect(foundOnDisk(Object.values(TELLING))).toEqual([]);
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir, config: null });
    expect((await controlPlane.tracesOf(id))[0]).toMatchObject({
      host: TELLING.host,
      path: TELLING.path,
      consumer,
    });
  });

  it.each(['sealed_summary', 'sealed_spans'])(
    'can not be opened when %s was changed by a bit',
    async (column) => {
      const [row] = controlPlane.sql<{ value: ArrayBuffer }>(`select ${column} as value from traces`);
      const bytes = Buffer.from(row!.value);
      bytes[bytes.length - 20]! ^= 1;
      controlPlane.sql(`update traces set ${column} = ?`, bytes);
      const { status, body } = await read(`/${trace.traceId}`);
      expect([status, body]).toMatchObject([500, { code: 'internal' }]);
      expect(JSON.stringify(body)).not.toContain('needle');
    },
  );

  it.each(['sealed_summary', 'sealed_spans'])('can not stand in for another one: %s', async (column) => {
    const other = aTrace([id]);
    await node.send(exportRequest(other));
    controlPlane.sql(
      `update traces set ${column} = (select ${column} from traces where trace_id = ?) where trace_id = ?`,
      trace.traceId,
      other.traceId,
    );
    expect((await read(`/${other.traceId}`)).status).toBe(500);
    expect((await read(`/${trace.traceId}`)).status).toBe(200);
  });

  it('can not be moved to another session', async () => {
    const other = await controlPlane.session();
    controlPlane.sql('update traces set session_id = ?', other.id);
    const { status } = await controlPlane.call(`${SESSIONS}/${other.id}/traces`);
    expect(status).toBe(500);
  });
});

describe('the key file', () => {
  it("is its owner's alone, and of 32 random bytes", () => {
    expect([statSync(keyPath()).mode & 0o777, statSync(keyPath()).size]).toEqual([0o600, 32]);
  });

  it('that is missing makes what it sealed unreadable, says how to mend that, and is not made anew', async () => {
    await controlPlane.stop();
    renameSync(keyPath(), `${keyPath()}.away`);
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir });
    const answers = [await read(), await read(`/${trace.traceId}`)];
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([
        503,
        { code: 'key_unavailable', detail: expect.stringContaining(keyPath()) as string },
      ]);
      expect((body as unknown as { detail: string }).detail).toContain('put it back');
    }
    await controlPlane.node();
    const session = await controlPlane.call(SESSIONS, { body: {} });
    expect(session.body).toMatchObject({ status: 503, code: 'key_unavailable' });
    expect(existsSync(keyPath())).toBe(false);
    renameSync(`${keyPath()}.away`, keyPath());
    expect((await read(`/${trace.traceId}`)).status).toBe(200);
    expect((await controlPlane.call(SESSIONS, { body: {} })).status).toBe(201);
  });

  it('that is missing is made anew where nothing is sealed with it any more', async () => {
    await controlPlane.call(`${SESSIONS}/${id}`, { method: 'DELETE' });
    await controlPlane.stop();
    renameSync(keyPath(), `${keyPath()}.away`);
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir });
    await controlPlane.node();
    expect((await controlPlane.call(SESSIONS, { body: {} })).status).toBe(201);
  });

  it.each([
    ['is another one', () => writeFileSync(keyPath(), Buffer.alloc(32, 7)), 'put the right one back'],
    ['was cut off', () => writeFileSync(keyPath(), Buffer.alloc(31)), '31 bytes instead of 32'],
    ['may be read by others', () => chmodSync(keyPath(), 0o644), 'run chmod 600 on it'],
  ])('that %s says so and how to mend it', async (_, damage, mend) => {
    const right = readFileSync(keyPath());
    await controlPlane.stop();
    damage();
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir });
    const { status, body } = await read();
    expect([status, body]).toMatchObject([
      503,
      { code: 'key_unavailable', detail: expect.stringContaining(mend) as string },
    ]);
    await controlPlane.stop();
    writeFileSync(keyPath(), right);
    chmodSync(keyPath(), 0o600);
    controlPlane = await TestControlPlane.start({ dataDir: controlPlane.dataDir });
    expect((await read(`/${trace.traceId}`)).status).toBe(200);
  });

  it('never leaves its bytes, nor those of a data key, in the database', async () => {
    expect(foundOnDisk([readFileSync(keyPath())])).toEqual([]);
  });
});
