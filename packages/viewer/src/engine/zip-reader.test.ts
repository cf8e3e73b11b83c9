import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleZip } from './testing/sample-zip.ts';
import { isZip, ZipError, zipEntries } from './zip-reader.ts';

const texts = async (bytes: Uint8Array<ArrayBuffer>) =>
  await Promise.all(
    zipEntries(bytes).map(async (entry) => [entry.name, new TextDecoder().decode(await entry.read())]),
  );

describe('zipEntries()', () => {
  it('reads files that are stored and files that are deflated, and leaves folders out', async () => {
    const long = 'abc '.repeat(10_000);
    const bytes = await sampleZip([
      { name: 'traces/', text: '', isStored: true },
      { name: 'traces/ä.json', text: '{"a":1}', isStored: true },
      { name: 'long.txt', text: long },
      { name: 'empty.txt', text: '' },
    ]);
    expect(isZip(bytes)).toBe(true);
    expect(await texts(bytes)).toEqual([
      ['traces/ä.json', '{"a":1}'],
      ['long.txt', long],
      ['empty.txt', ''],
    ]);
  });

  it('finds the directory before a comment', async () => {
    const bytes = await sampleZip([{ name: 'a', text: 'b' }]);
    const commented = new Uint8Array([...bytes, ...new TextEncoder().encode('a comment')]);
    expect(await texts(commented)).toEqual([['a', 'b']]);
  });

  it('reads an archive that begins elsewhere in its memory', async () => {
    const bytes = await sampleZip([{ name: 'a', text: 'b' }]);
    const memory = new Uint8Array(bytes.length + 7);
    memory.set(bytes, 7);
    expect(await texts(memory.subarray(7))).toEqual([['a', 'b']]);
  });

  it('says what is damaged', async () => {
    const bytes = await sampleZip([{ name: 'a.json', text: 'hello '.repeat(50) }]);
    const broken = (at: number, value: number) => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    const read = async (given: Uint8Array<ArrayBuffer>) => await zipEntries(given)[0]!.read();
    expect(() => zipEntries(bytes.slice(0, -30))).toThrow('no directory');
    await expect(read(broken(0, 0))).rejects.toThrow('a.json is damaged');
    await expect(read(broken(36, 255))).rejects.toThrow('a.json is damaged');
    const directory = bytes.length - 22 - 46 - 6;
    await expect(read(broken(directory + 8, 1))).rejects.toThrow('a.json is encrypted');
    await expect(read(broken(directory + 10, 12))).rejects.toThrow('method 12');
    await expect(read(broken(directory + 22, 255))).rejects.toThrow('a.json is cut off');
    expect(() => zipEntries(broken(directory, 0))).toThrow('the directory of the archive is damaged');
  });

  it('throws nothing but its own error, whatever the bytes', async () => {
    const good = await sampleZip([{ name: 'a', text: 'hello' }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
        const bytes = good.slice();
        bytes[at] = value;
        try {
          await texts(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ZipError);
        }
      }),
    );
  });
});
