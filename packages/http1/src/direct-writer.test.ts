import { once } from 'node:events';
import net from 'node:net';
import { constants } from 'node:os';
import tls from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { DirectWriter } from './direct-writer.ts';
import { Output } from './output.ts';
import { A_TEST } from './testing/certificates.ts';

const SIZE = 10_000;

describe('a direct writer', () => {
  const open: { destroy(): void }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.destroy();
  });

  /** Two ends of a connection; nobody reads from the far one yet. */
  async function pair(): Promise<{ near: net.Socket; far: net.Socket }> {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const near = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(near, 'connect');
    const [far] = (await accepted) as [net.Socket];
    server.close();
    open.push(near, far);
    return { near, far };
  }

  /** Writes until the kernel takes no more; answers everything written. */
  function fill(writer: DirectWriter): Buffer {
    const written: Buffer[] = [];
    while (!writer.isPending) {
      const bytes = Buffer.alloc(SIZE, written.length);
      expect(writer.write(written.length % 2 === 0 ? bytes : bytes.latin1Slice())).toBe(true);
      written.push(bytes);
    }
    return Buffer.concat(written);
  }

  async function readAll(far: net.Socket): Promise<Buffer> {
    const parts: Buffer[] = [];
    far.on('data', (part: Buffer) => parts.push(part));
    far.resume();
    await once(far, 'end');
    return Buffer.concat(parts);
  }

  it('is what an output writes with: the stream is not asked', async () => {
    const { near, far } = await pair();
    const streamed = vi.spyOn(near, 'write');
    const output = new Output(near, { onOutputFlushed: () => {} });
    output.text('text, ');
    output.flush();
    output.chunk(Buffer.from('bytes'));
    output.flush();
    near.end();
    expect((await readAll(far)).latin1Slice()).toBe('text, bytes');
    expect(streamed).not.toHaveBeenCalled();
  });

  it('is not to be had for TLS', async () => {
    const { near } = await pair();
    expect(DirectWriter.of(new tls.TLSSocket(near, { isServer: true, ...A_TEST }))).toBeNull();
  });

  it('leaves what comes behind a write that waits to the stream, and all arrives in order', async () => {
    const { near, far } = await pair();
    const writer = DirectWriter.of(near)!;
    const first = fill(writer);
    expect(writer.write('behind')).toBe(false);
    near.write('behind');
    near.end();
    expect((await readAll(far)).equals(Buffer.concat([first, Buffer.from('behind')]))).toBe(true);
    expect(writer.isPending).toBe(false);
  });

  it('writes again once the kernel has taken what waited', async () => {
    const { near, far } = await pair();
    const writer = DirectWriter.of(near)!;
    const first = fill(writer);
    const all = readAll(far);
    await until('the kernel to take it', () => !writer.isPending);
    expect(writer.write('again')).toBe(true);
    near.end();
    expect((await all).equals(Buffer.concat([first, Buffer.from('again')]))).toBe(true);
  });

  it('lets the end of the stream wait for what is under way', async () => {
    const { near, far } = await pair();
    const first = fill(DirectWriter.of(near)!);
    near.destroySoon();
    expect((await readAll(far)).equals(first)).toBe(true);
  });

  it('writes nothing while the stream is corked, has something to write or has ended', async () => {
    const { near } = await pair();
    const writer = DirectWriter.of(near)!;
    near.cork();
    expect(writer.write('no')).toBe(false);
    near.uncork();
    near.write(Buffer.alloc(30_000_000));
    expect(writer.write('no')).toBe(false);
    near.end();
    expect(writer.write('no')).toBe(false);
    near.destroy();
    expect(writer.write('no')).toBe(false);
  });

  it('ends the socket with the error of a write that waited', async () => {
    const { near, far } = await pair();
    const writer = DirectWriter.of(near)!;
    fill(writer);
    const failed = once(near, 'error');
    near.pause();
    far.resetAndDestroy();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
      syscall: expect.stringMatching(/write|read/),
    });
    expect(near.destroyed).toBe(true);
  });

  it('ends the socket with what the kernel says to a write', async () => {
    const { near, far } = await pair();
    const writer = DirectWriter.of(near)!;
    near.pause();
    const failed = once(near, 'error');
    far.resetAndDestroy();
    await until('the reset to be told', () => {
      writer.write('x');
      return near.destroyed;
    });
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect([error.message, error.code, error.syscall, error.errno]).toEqual([
      ...['write ECONNRESET', 'ECONNRESET', 'write', -constants.errno.ECONNRESET],
    ]);
  });

  it('has the owner of an output told once the kernel has what waited, not before', async () => {
    const { near, far } = await pair();
    const told: (Error | null)[] = [];
    const output = new Output(near, { onOutputFlushed: (error) => void told.push(error) });
    while (!output.isUnsent) {
      output.chunk(Buffer.alloc(8_000));
      output.flush();
    }
    expect(near.writableLength).toBe(0);
    output.tellFlushed();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect([told, output.isUnsent]).toEqual([[], true]);
    far.resume();
    await until('the owner to be told', () => told.length === 1);
    expect([told, output.isUnsent]).toEqual([[null], false]);
  });
});
