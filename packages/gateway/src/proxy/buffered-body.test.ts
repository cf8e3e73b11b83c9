import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BufferedBody, type BufferedBodyOwner } from './buffered-body.ts';

const PIECE_BYTES = 65_536;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatescope-body-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Someone who waits for a body, and is woken by what happens to it. */
class Waiting implements BufferedBodyOwner {
  readonly #woken: Record<string, (value: unknown) => void> = {};
  drained = this.#promise('drained');
  readonly whole = this.#promise('whole');
  readonly failed = this.#promise('failed');

  #promise(name: string): Promise<unknown> {
    return new Promise((resolve) => (this.#woken[name] = resolve));
  }

  onBodyDrain(): void {
    this.#woken['drained']!(null);
    this.drained = this.#promise('drained');
  }
  onBodyWhole(): void {
    this.#woken['whole']!(null);
  }
  onBodyFailed(error: Error): void {
    this.#woken['failed']!(error);
  }
}

/** Takes a body, and is full after every `roomFor` pieces. */
class Sink {
  readonly pieces: Buffer[] = [];
  isClosed = false;
  readonly #body: BufferedBody;
  readonly #roomFor: number;
  #resolve!: (body: Buffer) => void;
  readonly ended = new Promise<Buffer>((resolve) => (this.#resolve = resolve));

  constructor(body: BufferedBody, roomFor: number) {
    this.#body = body;
    this.#roomFor = roomFor;
  }

  write(piece: Buffer): boolean {
    this.pieces.push(Buffer.from(piece));
    if (this.pieces.length % this.#roomFor !== 0) return true;
    setImmediate(() => this.#body.resume());
    return false;
  }

  end(): void {
    this.#resolve(Buffer.concat(this.pieces));
  }
}

describe('BufferedBody', () => {
  it('is what was put in, for any sizes of chunks and memory, as often as it is asked for', async () => {
    const directory = folder();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(150_000), { maxLength: 6 }),
        fc.constantFrom(0, 1, 8_192, 100_000, 1_000_000),
        fc.boolean(),
        async (sizes, memoryBytesMax, isLengthKnown) => {
          const chunks = sizes.map((size, index) => Buffer.alloc(size, `chunk ${index} `));
          const whole = Buffer.concat(chunks);
          const waiting = new Waiting();
          const expected = isLengthKnown ? whole.length : -1;
          const body = new BufferedBody({ byDefault: true, memoryBytesMax, directory }, waiting, expected);
          for (const chunk of chunks) {
            const drained = waiting.drained;
            if (!body.add(chunk)) await drained;
            chunk.fill(0);
          }
          body.end();
          await waiting.whole;
          expect([body.bytes, body.bytesInFile]).toEqual([
            whole.length,
            Math.max(0, whole.length - memoryBytesMax),
          ]);
          const givenUp = new Sink(body, 1);
          body.sendTo(givenUp);
          for (const roomFor of [1, 1_000]) {
            const sink = new Sink(body, roomFor);
            body.sendTo(sink);
            expect((await sink.ended).equals(whole)).toBe(true);
          }
          expect(givenUp.pieces.length).toBeLessThanOrEqual(1);
          body.release();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('asks to wait before more than a few pieces wait for the disk', async () => {
    const waiting = new Waiting();
    const settings = { byDefault: true, memoryBytesMax: 8_192, directory: folder() };
    const body = new BufferedBody(settings, waiting, -1);
    onTestFinished(() => body.release());
    const chunk = Buffer.alloc(PIECE_BYTES);
    for (let round = 0; round < 20; round++) {
      let taken = 1;
      const { drained } = waiting;
      while (body.add(chunk)) taken++;
      expect(taken).toBeLessThanOrEqual(3);
      await drained;
    }
  });

  it('tells of a folder that is not there, once, and takes nothing more', async () => {
    const waiting = new Waiting();
    const settings = { byDefault: true, memoryBytesMax: 10, directory: join(folder(), 'nowhere') };
    const body = new BufferedBody(settings, waiting, -1);
    body.add(Buffer.alloc(PIECE_BYTES * 2));
    expect(await waiting.failed).toMatchObject({ code: 'ENOENT' });
    expect(body.add(Buffer.alloc(PIECE_BYTES * 2))).toBe(true);
    body.end();
    expect(body.bytes).toBe(PIECE_BYTES * 2);
  });

  it('says nothing once it is released, in the middle of whatever it did', async () => {
    const waiting = new Waiting();
    const settings = { byDefault: true, memoryBytesMax: 10, directory: folder() };
    const body = new BufferedBody(settings, waiting, -1);
    body.add(Buffer.alloc(PIECE_BYTES * 2));
    body.end();
    body.release();
    body.release();
    const settled = Promise.race([waiting.whole, waiting.failed, waiting.drained]).then(() => 'told');
    const later = new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    expect(await Promise.race([settled, later.then(() => 'silent')])).toBe('silent');
  });
});
