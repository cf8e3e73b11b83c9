import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KmsServer } from '../testing/kms-server.ts';
import { adoptKey, type KeyConfig, type KeyProvider, type KeyProviderName, openKey } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-keys-'));
const context = Buffer.from('session 1');
let kms: KmsServer;
const before = { ...process.env };

beforeAll(async () => {
  kms = await KmsServer.start();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});
afterAll(async () => {
  await kms.close();
  rmSync(folder, { recursive: true });
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

/** What every place of keys promises. PKCS#11 is tested with a token in test/e2e, since its library reads the process's own environment. */
describe.each<[KeyProviderName, () => KeyConfig]>([
  ['local', () => ({ path: join(folder, 'local.key') })],
  ['aws-kms', () => ({ key_arn: kms.arn, region: 'eu-central-1', endpoint: kms.endpoint })],
])('a key of %s', (name, config) => {
  let key: KeyProvider;
  beforeAll(async () => {
    key = openKey(name, await adoptKey(name, config()));
  });

  it('wraps new data keys of 32 bytes and opens them with their context alone', async () => {
    const { dataKey, wrapped } = await key.generateDataKey(context);
    expect(dataKey).toHaveLength(32);
    expect(Buffer.from(wrapped).includes(dataKey)).toBe(false);
    expect(await key.unwrap(wrapped, context)).toEqual(dataKey);
    await expect(key.unwrap(wrapped, Buffer.from('session 2'))).rejects.toMatchObject({
      code: 'key_unavailable',
      trouble: 'corrupt',
    });
  });

  it('does not open what was changed', async () => {
    const { wrapped } = await key.generateDataKey(context);
    const changed = Buffer.from(wrapped);
    changed[changed.length - 1]! ^= 1;
    await expect(key.unwrap(changed, context)).rejects.toMatchObject({ trouble: 'corrupt' });
  });

  it('opens after it was rotated what it wrapped before, and wraps it anew', async () => {
    const { dataKey, wrapped } = await key.generateDataKey(context);
    const rotated = await key.rotate();
    const reopened = openKey(name, rotated);
    expect(await reopened.unwrap(wrapped, context)).toEqual(dataKey);
    const again = await reopened.rewrap(wrapped, context);
    expect(Buffer.from(again)).not.toEqual(Buffer.from(wrapped));
    expect(await reopened.unwrap(again, context)).toEqual(dataKey);
    expect(await key.unwrap(again, context)).toEqual(dataKey);
    expect((await reopened.describe()).summary).not.toBe('');
  });
});

describe('a key of aws-kms', () => {
  const open = (change: Partial<KeyConfig> = {}) =>
    openKey('aws-kms', { key_arn: kms.arn, region: 'eu-central-1', endpoint: kms.endpoint, ...change });

  it('says why it can not be used', async () => {
    kms.state = 'Disabled';
    await expect(open().generateDataKey(context)).rejects.toMatchObject({ trouble: 'disabled' });
    await expect(open().describe()).rejects.toMatchObject({ trouble: 'disabled' });
    kms.state = 'PendingDeletion';
    await expect(open().describe()).rejects.toMatchObject({ trouble: 'destroyed' });
    kms.state = 'Enabled';
    await expect(open({ key_arn: `${kms.arn}0` }).generateDataKey(context)).rejects.toMatchObject({
      trouble: 'destroyed',
    });
    await expect(open({ endpoint: 'http://127.0.0.1:1' }).describe()).rejects.toMatchObject({
      trouble: 'unavailable',
      message: expect.stringContaining(kms.arn) as string,
    });
  });
});
