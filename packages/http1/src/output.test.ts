import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Output } from './output.ts';
import { A_TEST } from './testing/certificates.ts';

/** Two ends of a connection. */
interface Pair {
  readonly near: net.Socket;
  readonly far: net.Socket;
}

/** What an output is asked to do: text, a chunk of so many bytes, to write at once, or to wait for the end of the turn. */
type Step = { text: string } | { chunk: number } | 'flush' | 'turn';

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ text: fc.string({ unit: 'binary-ascii', maxLength: 300 }) }) },
  { weight: 1, arbitrary: fc.constant({ text: 'é'.repeat(20_000) }) },
  { weight: 4, arbitrary: fc.record({ chunk: fc.integer({ min: 1, max: 3_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ chunk: 8_191 }, { chunk: 8_192 }, { chunk: 8_193 }, { chunk: 70_000 }),
  },
  { weight: 1, arbitrary: fc.constant<Step>('flush') },
  { weight: 2, arbitrary: fc.constant<Step>('turn') },
);

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('Output', () => {
  const open: { destroy(): void }[] = [];

  afterEach(() => {
    for (const one of open.splice(0)) one.destroy();
  });

  async function pair(secured: boolean): Promise<Pair> {
    const server = secured ? tls.createServer(A_TEST) : net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const accepted = once(server, secured ? 'secureConnection' : 'connection');
    const near = secured
      ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : net.connect(port, '127.0.0.1');
    await once(near, secured ? 'secureConnect' : 'connect');
    const [far] = (await accepted) as [net.Socket];
    server.close();
    open.push(near, far);
    return { near, far };
  }

  /** Does the steps, each output its own, side by side; answers what was given to each. */
  async function write(outputs: readonly Output[], all: readonly (readonly Step[])[]): Promise<Buffer[]> {
    /** As connections do: each chunk is a view into the same memory. */
    const shared = Buffer.alloc(70_000);
    let filling = 0;
    const given = outputs.map((): Buffer[] => []);
    for (let at = 0; all.some((steps) => at < steps.length); at++) {
      for (const [index, output] of outputs.entries()) {
        const step = all[index]![at];
        if (step === undefined) continue;
        if (step === 'flush') output.flush();
        else if (step === 'turn') await turn();
        else if ('text' in step) {
          output.text(step.text);
          given[index]!.push(Buffer.from(step.text, 'latin1'));
        } else {
          shared.fill(++filling);
          output.chunk(shared.subarray(0, step.chunk));
          given[index]!.push(Buffer.alloc(step.chunk, filling));
        }
      }
    }
    for (const output of outputs) output.flush();
    return given.map((parts) => Buffer.concat(parts));
  }

  async function received({ near, far }: Pair): Promise<Buffer> {
    const parts: Buffer[] = [];
    far.on('data', (part: Buffer) => parts.push(part));
    near.end();
    await once(far, 'end');
    return Buffer.concat(parts);
  }

  const owner = { onOutputFlushed: () => undefined };

  for (const secured of [false, true]) {
    it(`writes what it is given in order, ${secured ? 'over TLS' : 'in plain'}, whether the peer reads or not`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(steps, { maxLength: 40 }), { minLength: 2, maxLength: 4 }),
          async (all) => {
            const pairs = await Promise.all(all.map(() => pair(secured)));
            // Nobody reads yet, so what does not fit into the kernel waits while the outputs go on to use their memory.
            const given = await write(
              pairs.map(({ near }) => new Output(near, owner)),
              all,
            );
            const got = await Promise.all(pairs.map(received));
            for (const [index, bytes] of given.entries()) expect(got[index]!.equals(bytes)).toBe(true);
            for (const { near, far } of pairs) {
              near.destroy();
              far.destroy();
            }
          },
        ),
        { numRuns: secured ? 40 : 100 },
      );
    });
  }

  it('keeps bytes that a peer does not take while others are written', async () => {
    const [slow, fast] = [await pair(false), await pair(false)];
    const outputs = [new Output(slow.near, owner), new Output(fast.near, owner)];
    const small: Step[] = Array.from({ length: 4_000 }, () => ({ chunk: 5_000 }));
    fast.far.resume();
    const [toSlow] = await write(outputs, [small.flatMap((step) => [step, 'turn' as const]), small]);
    expect(slow.near.writableLength).toBeGreaterThan(1_000_000);
    expect((await received(slow)).equals(toSlow!)).toBe(true);
  });
});
