import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { readHostsFile } from './host-table.ts';

/** One step of a look-up, as the span tells it. */
export interface DnsAttempt {
  readonly [key: string]: string | number | boolean;
}

/** What a look-up found. */
export interface DnsAnswer {
  /** Empty where nothing was found. */
  readonly addresses: readonly string[];
  readonly attempts: readonly DnsAttempt[];
  readonly cacheHit: boolean;
  readonly error: string | null;
}

export interface DnsOptions {
  /** `address` or `address:port`; empty: the system's. */
  readonly servers?: readonly string[];
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** How long a failure is remembered. */
  readonly errorTtlMs?: number;
  /** Overrides the answers' own time to live. */
  readonly validTtlMs?: number | null;
  readonly hostsFile?: string;
  /** Names remembered; beyond it the oldest is forgotten. */
  readonly cacheNamesMax?: number;
}

interface CacheEntry {
  readonly addresses: readonly string[];
  readonly error: string | null;
  readonly expiresMs: number;
  next: number;
}

const CACHE_NAMES_MAX = 10_000;
const TTL_MIN_MS = 1_000;
const TTL_MAX_MS = 86_400_000;

/** Looks names up: hosts file, cache, DNS. Concurrent look-ups of one name share one question. */
export class DnsClient {
  readonly #resolver: Resolver;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #cache = new Map<string, CacheEntry>();
  readonly #pending = new Map<string, Promise<DnsAnswer>>();
  readonly #errorTtlMs: number;
  readonly #validTtlMs: number | null;
  readonly #cacheNamesMax: number;

  constructor(options: DnsOptions = {}) {
    this.#resolver = new Resolver({ timeout: options.timeoutMs ?? 2_000, tries: options.tries ?? 3 });
    if (options.servers !== undefined && options.servers.length > 0)
      this.#resolver.setServers([...options.servers]);
    this.#hosts = readHostsFile(options.hostsFile);
    this.#errorTtlMs = options.errorTtlMs ?? 1_000;
    this.#validTtlMs = options.validTtlMs ?? null;
    this.#cacheNamesMax = options.cacheNamesMax ?? CACHE_NAMES_MAX;
  }

  /** The answer at once where it is known (a literal, the hosts file, the cache), a promise that never rejects otherwise. */
  lookup(name: string): DnsAnswer | Promise<DnsAnswer> {
    if (isIP(name) !== 0) return { addresses: [name], attempts: [], cacheHit: false, error: null };
    const key = name.toLowerCase();
    const host = this.#hosts.get(key);
    if (host !== undefined) {
      return {
        addresses: [host],
        attempts: [{ name, source: 'hosts', answer: host, cache_hit: true }],
        cacheHit: true,
        error: null,
      };
    }
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.expiresMs > performance.now()) return fromCache(name, cached);
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#ask(name, key).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #ask(name: string, key: string): Promise<DnsAnswer> {
    const attempts: DnsAttempt[] = [];
    let error: string | null = null;
    for (const type of ['A', 'AAAA'] as const) {
      try {
        const records =
          type === 'A'
            ? await this.#resolver.resolve4(name, { ttl: true })
            : await this.#resolver.resolve6(name, { ttl: true });
        const addresses = records.map((record) => record.address);
        const ttl = Math.min(...records.map((record) => record.ttl));
        attempts.push({ name, type, answer: addresses.join(' '), ttl, cache_hit: false });
        this.#remember(key, {
          addresses,
          error: null,
          expiresMs: performance.now() + this.#ttlMs(ttl),
          next: 1,
        });
        return { addresses, attempts, cacheHit: false, error: null };
      } catch (thrown) {
        error = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
        attempts.push({ name, type, error, cache_hit: false });
      }
    }
    this.#remember(key, { addresses: [], error, expiresMs: performance.now() + this.#errorTtlMs, next: 0 });
    return { addresses: [], attempts, cacheHit: false, error };
  }

  #ttlMs(seconds: number): number {
    return this.#validTtlMs ?? Math.min(TTL_MAX_MS, Math.max(TTL_MIN_MS, seconds * 1_000));
  }

  #remember(key: string, entry: CacheEntry): void {
    if (this.#cache.size >= this.#cacheNamesMax) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.delete(key);
    this.#cache.set(key, entry);
  }
}

/** A cached answer, its addresses turned by one each time so that all get their share. */
function fromCache(name: string, entry: CacheEntry): DnsAnswer {
  const { addresses, error } = entry;
  const turn = addresses.length === 0 ? 0 : entry.next++ % addresses.length;
  const turned = turn === 0 ? addresses : [...addresses.slice(turn), ...addresses.slice(0, turn)];
  const attempt =
    error === null ? { name, answer: turned.join(' '), cache_hit: true } : { name, error, cache_hit: true };
  return { addresses: turned, attempts: [attempt], cacheHit: true, error };
}
