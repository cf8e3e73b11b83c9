import { Redis } from 'ioredis';
import type { Period } from './window-counters.ts';

/** Where the counters lie and how they are reached; times are milliseconds. */
export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly timeoutMs: number;
  readonly tls: { readonly verify: boolean; readonly serverName: string | null } | null;
}

/** Counts what is asked for, in one step, and lets a counter end with its window: seen by nobody half done. */
const COUNT = `
local used = {}
for index, key in ipairs(KEYS) do
  used[index] = tonumber(redis.call('GET', key) or '0')
end
for index, key in ipairs(KEYS) do
  if used[index] >= tonumber(ARGV[index * 2 - 1]) then return used end
end
for index, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[index * 2]) end
end
return used
`;

/** Counters that all gateways share, in a Redis. Connects when they are first used. */
export class RedisCounters {
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #timeoutMs: number;

  /** `prefix` keeps the counters of one plugin entity apart from others'. */
  constructor(options: RedisOptions, prefix: string) {
    this.#prefix = prefix;
    this.#timeoutMs = options.timeoutMs;
    this.#client = new Redis({
      host: options.host,
      port: options.port,
      db: options.database,
      ...(options.username === null ? {} : { username: options.username }),
      ...(options.password === null ? {} : { password: options.password }),
      ...(options.tls === null
        ? {}
        : {
            tls: {
              rejectUnauthorized: options.tls.verify,
              ...(options.tls.serverName === null ? {} : { servername: options.tls.serverName }),
            },
          }),
      lazyConnect: true,
      connectTimeout: options.timeoutMs,
      commandTimeout: options.timeoutMs,
      // A request does not wait for a Redis that is gone: it is told so, and the next one tries again.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    // Without somebody who listens an error would end the process; whoever asked hears of it.
    this.#client.on('error', () => undefined);
  }

  /**
   * How often a caller came before in the window of each period; counted, unless one of the limits is reached. Rejects where Redis can't be
   * asked in time.
   */
  async count(
    caller: string,
    windows: readonly { readonly period: Period; readonly startMs: number; readonly limit: number }[],
    nowMs: number,
  ): Promise<readonly number[]> {
    await this.#connected();
    const keys = windows.map(({ period, startMs }) => `${this.#prefix}:${caller}:${startMs}:${period.name}`);
    const values = windows.flatMap(({ period, startMs, limit }) => [
      limit,
      Math.max(1, Math.ceil(startMs + period.ms - nowMs)),
    ]);
    return (await this.#client.eval(COUNT, keys.length, ...keys, ...values)) as number[];
  }

  /** Lets the connection go. */
  close(): void {
    this.#client.disconnect();
  }

  #connecting: Promise<void> | null = null;

  async #connected(): Promise<void> {
    if (this.#client.status === 'ready') return;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  /** A Redis that takes the connection and then says nothing is given up too. */
  async #connect(): Promise<void> {
    const timer = setTimeout(() => this.#client.disconnect(), this.#timeoutMs);
    try {
      await this.#client.connect();
    } finally {
      clearTimeout(timer);
    }
  }
}
