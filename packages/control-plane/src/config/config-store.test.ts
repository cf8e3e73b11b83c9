import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextKey } from '@gatescope/envelope';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../store/open-store.ts';
import { ConfigStore } from './config-store.ts';

const TEXT = '_format_version: "3.0" # password: s3cret';

async function place() {
  const directory = mkdtempSync(join(tmpdir(), 'gatescope-configs-'));
  const store = await openStore(join(directory, 'test.db'));
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  await store.controlPlanes.add({ id: 'cp', name: 'cp', description: '', created_at: 1 });
  const checked = { ok: true, hash: 'h', document: {}, warnings: [], services: [], routes: [] } as const;
  const check = () => ({ ...checked, consumers: [], keyNames: [] });
  const configs = (key: string) => new ConfigStore(store, check, new TextKey(join(directory, key)));
  const kept = async () => (await store.controlPlanes.configOf('cp'))!.text;
  return { store, configs, kept };
}

describe('ConfigStore', () => {
  it('keeps no configuration that could be read without its key', async () => {
    const { configs, kept } = await place();
    await configs('config.key').put('cp', TEXT, 'ann');
    expect(await kept()).toMatch(/^%sealed1 [A-Za-z0-9+/=]+$/);
    expect(await configs('config.key').get('cp')).toMatchObject({ text: TEXT, updatedBy: 'ann' });
    await expect(configs('other.key').get('cp')).rejects.toThrow(
      /other\.key is not the one that the configuration of control plane cp was sealed with; put the right one back from a backup, or start with --config, which replaces the configuration$/,
    );
  });

  it('seals one that an earlier version kept as it was', async () => {
    const { store, configs, kept } = await place();
    const row = { control_plane_id: 'cp', hash: 'h', text: TEXT, updated_at: 7, updated_by: 'ann' };
    await store.controlPlanes.putConfig(row);
    expect(await configs('config.key').get('cp')).toMatchObject({ text: TEXT, updatedAt: 7 });
    expect(await kept()).toMatch(/^%sealed1 /);
    expect(await configs('config.key').get('cp')).toMatchObject({ text: TEXT, updatedAt: 7 });
  });
});
