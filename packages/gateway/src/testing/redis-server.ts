import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../../test/support/free-ports.ts';
import { until } from '../../../../test/support/until.ts';

/** A real Redis of a test's own, that keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  /** Where it listens too, as a Unix socket. */
  readonly path: string;
  readonly #directory: string;
  readonly #process: ChildProcess;

  private constructor(port: number, directory: string, child: ChildProcess) {
    this.port = port;
    this.path = join(directory, 'redis.sock');
    this.#directory = directory;
    this.#process = child;
  }

  /** `program` is the path of redis-server; `args` are options of it, `--requirepass` for example. */
  static async start(program: string, ...args: readonly string[]): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'gatescope-redis-'));
    const [port] = (await freePorts(1)) as [number];
    const child = spawn(
      program,
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        ...['--dir', directory, '--unixsocket', join(directory, 'redis.sock'), ...args],
      ],
      { stdio: 'ignore' },
    );
    const server = new RedisServer(port, directory, child);
    await until('redis to listen', () => answers(port));
    return server;
  }

  /** Stops answering without closing anything, or goes on. */
  freeze(frozen: boolean): void {
    this.#process.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGCONT');
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.write('PING\r\n');
  });
}
