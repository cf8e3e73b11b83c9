import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigCache } from './config-cache.ts';

function place(): { path: string; files: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'gatescope-cache-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return { path: join(directory, 'last-config.yml'), files: () => readdirSync(directory).sort() };
}

describe('ConfigCache', () => {
  it('gives back what was saved last, also to another process, and leaves nothing readable in its file', () => {
    const { path, files } = place();
    new ConfigCache(path).save('password: first');
    new ConfigCache(path).save('password: seçond');
    expect(new ConfigCache(path).load()).toBe('password: seçond');
    expect(readFileSync(path).includes('password')).toBe(false);
    expect(files()).toEqual(['last-config.yml', 'last-config.yml.key']);
    expect(files().map((name) => statSync(join(path, '..', name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('has nothing where nothing was saved, the key is gone, or the file is not what it was', () => {
    const { path } = place();
    expect(new ConfigCache(null).load()).toBeNull();
    expect(new ConfigCache(path).load()).toBeNull();
    const cache = new ConfigCache(path);
    cache.save('text');
    const bytes = readFileSync(path);
    bytes[14]! ^= 1;
    writeFileSync(path, bytes);
    expect(cache.load()).toBeNull();
    writeFileSync(path, 'plain: text');
    expect(cache.load()).toBeNull();
    cache.save('text');
    rmSync(`${path}.key`);
    expect(cache.load()).toBeNull();
    cache.save('again');
    expect(cache.load()).toBe('again');
  });
});
