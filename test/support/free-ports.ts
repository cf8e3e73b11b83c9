import { createServer } from 'node:net';

/**
 * Below the ports that systems give out by themselves (from 32,768 on Linux, from 49,152 elsewhere): whoever asks for a server here
 * until it has started must not reach what another test has let the system choose a port for in the meantime.
 */
const FIRST = 10_000;
const BLOCK = 1_400;
const BLOCKS = 16;

/** Test workers that run at the same time take their ports from blocks of their own. */
const block = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % BLOCKS) * BLOCK;
let taken = Math.floor(Math.random() * BLOCK);

/** Ports of 127.0.0.1 nobody listens on at the moment, and that no other test comes by in the next while. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let looked = 0; ports.length < count; looked++) {
    if (looked === BLOCK) throw new Error(`no ${count} ports are free from ${block} to ${block + BLOCK - 1}`);
    taken = (taken + 1) % BLOCK;
    if (await isFree(block + taken)) ports.push(block + taken);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
