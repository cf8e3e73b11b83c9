import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from './database.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatescope-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the store', () => {
  it('gives the blobs of a list of rows as Buffers', async () => {
    const { db, close } = await openStore(join(directory, 'test.db'));
    const { rows } = await sql<{ blob: unknown }>`select x'010203' as blob union all select x'ff'`.execute(
      db,
    );
    expect(rows.map(({ blob }) => blob)).toEqual([Buffer.of(1, 2, 3), Buffer.of(0xff)]);
    await close();
  });

  it('is opened again as it was left', async () => {
    const path = join(directory, 'test.db');
    const first = await openStore(path);
    await first.db.insertInto('settings').values({ name: 'greeting', value: 'hello' }).execute();
    await first.close();
    const second = await openStore(path);
    expect(
      await second.db.selectFrom('settings').selectAll().where('name', '=', 'greeting').execute(),
    ).toMatchObject([{ name: 'greeting', value: 'hello' }]);
    await second.close();
  });

  it('says which file can not be opened', async () => {
    await expect(openStore(join(directory, 'nowhere', 'test.db'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(join(directory, 'nowhere', 'test.db')) as string,
    });
  });
});
