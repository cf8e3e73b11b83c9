import { existsSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { removeStaleSocket } from './stale-sockets.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'gatescope-socket-'));

async function listening(path: string) {
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

describe('removeStaleSocket()', () => {
  it('removes what a process left behind', async () => {
    const [path, kept] = [folder(), folder()].map((one) => join(one, 'a.sock')) as [string, string];
    const server = await listening(path);
    // Closing removes the file where it was made; one that was moved is left as after a kill.
    renameSync(path, kept);
    await new Promise((resolve) => server.close(resolve));
    expect(existsSync(kept)).toBe(true);
    await removeStaleSocket(kept);
    expect(existsSync(kept)).toBe(false);
  });

  it('leaves alone what is in use, what is no socket, and what is not there', async () => {
    const path = join(folder(), 'a.sock');
    const server = await listening(path);
    onTestFinished(() => void server.close());
    await removeStaleSocket(path);
    expect(existsSync(path)).toBe(true);
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    await removeStaleSocket(file);
    expect(existsSync(file)).toBe(true);
    await removeStaleSocket(join(folder(), 'nothing'));
  });
});
