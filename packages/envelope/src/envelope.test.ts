import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dataKeyContext, LocalKey, newDataKey, openAt, type SealedPlace, sealAt } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-envelope-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PLACE: SealedPlace = { organisation: 'default', session: 's1', trace: 't1', kind: 'spans' };

describe('sealed values', () => {
  it('open at their place with their key, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plain) => {
        const key = newDataKey();
        expect(openAt(PLACE, key, sealAt(PLACE, key, plain))).toEqual(Buffer.from(plain));
      }),
    );
  });

  it.each([
    ['organisation', { ...PLACE, organisation: 'other' }],
    ['session', { ...PLACE, session: 's2' }],
    ['trace', { ...PLACE, trace: 't2' }],
    ['kind', { ...PLACE, kind: 'logs' as const }],
  ])('do not open with another %s', (_, place) => {
    const key = newDataKey();
    expect(() => openAt(place, key, sealAt(PLACE, key, Buffer.from('secret')))).toThrow();
  });

  it('do not open with any bit turned, or cut short', () => {
    const key = newDataKey();
    const sealed = sealAt(PLACE, key, Buffer.from('secret'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const turned = Buffer.from(sealed);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => openAt(PLACE, key, turned)).toThrow();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => openAt(PLACE, key, sealed.subarray(0, length))).toThrow();
  });

  it('are never the same twice', () => {
    const key = newDataKey();
    expect(sealAt(PLACE, key, Buffer.from('x'))).not.toEqual(sealAt(PLACE, key, Buffer.from('x')));
  });
});

describe('the local key', () => {
  it('wraps data keys; the file is for its owner alone', async () => {
    const path = join(folder, 'one.key');
    const provider = LocalKey.create(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const context = dataKeyContext('default', 's1');
    const { dataKey, wrapped } = await provider.generateDataKey(context);
    expect(await new LocalKey({ path }).unwrap(wrapped, context)).toEqual(dataKey);
    await expect(provider.unwrap(wrapped, dataKeyContext('default', 's2'))).rejects.toMatchObject({
      code: 'key_unavailable',
    });
  });

  it('is kept where it is there already', () => {
    const path = join(folder, 'two.key');
    LocalKey.create(path);
    const bytes = readFileSync(path);
    LocalKey.create(path);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it.each([
    ['is missing', (_: string) => undefined],
    ['is too short', (path: string) => writeFileSync(path, 'short', { mode: 0o600 })],
    [
      'is open to others',
      (path: string) => {
        writeFileSync(path, Buffer.alloc(32));
        chmodSync(path, 0o644);
      },
    ],
  ])('says what is wrong when it %s', async (name, prepare) => {
    const path = join(folder, `${name}.key`);
    prepare(path);
    await expect(new LocalKey({ path }).generateDataKey(Buffer.alloc(0))).rejects.toMatchObject({
      code: 'key_unavailable',
      message: expect.stringContaining(path),
    });
  });

  it('is not mistaken for another one', async () => {
    const { wrapped } = await LocalKey.create(join(folder, 'a.key')).generateDataKey(Buffer.alloc(0));
    await expect(
      LocalKey.create(join(folder, 'b.key')).unwrap(wrapped, Buffer.alloc(0)),
    ).rejects.toMatchObject({ code: 'key_unavailable' });
  });
});
