import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyDatabase } from './copy-database.ts';
import { openStore } from './open-store.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatescope-copy-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('copyDatabase()', () => {
  it('copies what is committed while the database is in use, for its owner alone', async () => {
    const [from, to] = [join(directory, 'a.db'), join(directory, 'b.db')];
    const store = await openStore(from);
    await store.settings.getOrNew('greeting', () => 'hello');
    copyDatabase(from, to);
    await store.settings.getOrNew('later', () => 'not in the copy');
    await store.close();
    const copy = await openStore(to);
    expect([
      await copy.settings.getOrNew('greeting', () => 'lost'),
      await copy.settings.getOrNew('later', () => 'new'),
    ]).toEqual(['hello', 'new']);
    await copy.close();
    expect(statSync(to).mode & 0o777).toBe(0o600);
  });

  it('says what is in the way', async () => {
    const from = join(directory, 'a.db');
    await (await openStore(from)).close();
    expect(() => copyDatabase(from, join(directory, 'nowhere/b.db'))).toThrow(/can't be copied to/);
  });
});
