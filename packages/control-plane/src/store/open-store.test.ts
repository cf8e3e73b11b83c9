import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSql } from '../testing/run-sql.ts';
import { openStore } from './open-store.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatescope-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the store', () => {
  it('gives the blobs of a list of rows as Buffers', async () => {
    const path = join(directory, 'test.db');
    const { traces, close } = await openStore(path);
    for (const [id, blob] of [
      ['a', '010203'],
      ['b', 'ff'],
    ])
      runSql(
        path,
        `insert into traces select 's', '${id}', 't', 'n', 1, 'GET', ${'null, '.repeat(2)}${'0, '.repeat(5)}null, null, 0, 0, 0, x'${blob}', x'00'`,
      );
    const all = { status: null, method: null, minDurationMs: null };
    const rows = await traces.page('s', all, null, 10, true);
    expect(rows.map((row) => [row.sealed_summary, row.sealed_spans])).toEqual([
      [Buffer.of(0xff), Buffer.of(0)],
      [Buffer.of(1, 2, 3), Buffer.of(0)],
    ]);
    await close();
  });

  it('empties its journal as soon as nobody reads from it any more', async () => {
    const path = join(directory, 'test.db');
    const store = await openStore(path);
    const reader = new Database(path);
    reader.exec('begin');
    reader.prepare('select count(*) from settings').get();
    await store.settings.set('secret', 'needle');
    await store.settings.remove('secret');
    store.checkpoint();
    const journal = () => statSync(`${path}-wal`).size;
    expect(journal()).toBeGreaterThan(0);
    reader.exec('commit');
    reader.close();
    await expect.poll(journal, { timeout: 10_000 }).toBe(0);
    await store.close();
  });

  it('is opened again as it was left', async () => {
    const path = join(directory, 'test.db');
    const first = await openStore(path);
    await first.settings.getOrNew('greeting', () => 'hello');
    await first.close();
    const second = await openStore(path);
    expect(await second.settings.getOrNew('greeting', () => 'again')).toBe('hello');
    await second.close();
  });

  it('keeps all of a transaction or nothing', async () => {
    const store = await openStore(join(directory, 'test.db'));
    const add = (name: string) => ({ id: name, name, description: '', created_at: 1 });
    await store.transaction(async ({ controlPlanes }) => await controlPlanes.add(add('kept')));
    await expect(
      store.transaction(async ({ controlPlanes }) => {
        await controlPlanes.add(add('undone'));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await store.controlPlanes.all()).toEqual([add('kept')]);
    await store.close();
  });

  it('says which file can not be opened', async () => {
    await expect(openStore(join(directory, 'nowhere', 'test.db'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(join(directory, 'nowhere', 'test.db')) as string,
    });
  });
});
