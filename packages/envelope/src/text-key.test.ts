import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeyError } from './key-error.ts';
import { TextKey } from './text-key.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatescope-text-key-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'config.key');
}

describe('TextKey', () => {
  it('opens what it sealed, with the key that lies in the file', () => {
    const path = place();
    const sealed = new TextKey(path).seal('passwörd: x', 'a');
    expect([TextKey.isSealed(sealed), TextKey.isSealed('passwörd: x'), sealed.includes('passw')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(new TextKey(path).open(sealed, 'a')).toBe('passwörd: x');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('opens nothing of another context or key, and nothing that was altered', () => {
    const path = place();
    const key = new TextKey(path);
    const sealed = key.seal('text', 'a');
    const other = new TextKey(place());
    for (const attempt of [
      () => key.open(sealed, 'b'),
      () => key.open(`${sealed.slice(0, -8)}AAAAAAA=`, 'a'),
      () => key.open('%sealed1 ', 'a'),
    ])
      expect(attempt).toThrow(KeyError);
    expect(() => other.open(sealed, 'a')).toThrow(/config\.key is not the one that a was sealed with$/);
  });

  it('uses no file that others may read', () => {
    const path = place();
    new TextKey(path);
    chmodSync(path, 0o644);
    expect(() => new TextKey(path)).toThrow(/may be read by others; run chmod 600 on it$/);
  });
});
