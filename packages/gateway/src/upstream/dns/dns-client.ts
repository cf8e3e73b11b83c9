import { isIP } from 'node:net';
import { type Logger, silentLogger } from '@gatescope/base';
import { answerFromCache, type CachedName, Turns } from './cached-name.ts';
import type { DnsAnswer, RecordType } from './dns-answer.ts';
import { type DnsInquiry, DnsServers, isServerFailure } from './dns-servers.ts';
import { readHostsFile } from './host-table.ts';
import { type Looked, NameLookup } from './name-lookup.ts';

export interface DnsOptions {
  /** `address` or `address:port`, in the order in which they are asked; empty: the system's. */
  readonly servers?: readonly string[];
  /** How long one server has for one answer. */
  readonly timeoutMs?: number;
  /** How often a question that got lost is asked of all servers. */
  readonly rounds?: number;
  /** Types in the order in which they are asked for; `LAST` is the one that was found the last time. */
  readonly order?: readonly (RecordType | 'LAST')[];
  readonly search?: readonly string[];
  readonly ndots?: number;
  /** How long it is remembered that a server failed. */
  readonly errorTtlMs?: number;
  /** How long it is remembered that there is no such name, or nothing under it. */
  readonly notFoundTtlMs?: number;
  /** Overrides the answers' own time to live. */
  readonly validTtlMs?: number | null;
  /** How long an answer is used beyond its time, while it is asked for again. */
  readonly staleTtlMs?: number;
  /** Whether look-ups of one name that come together ask once each. */
  readonly noSync?: boolean;
  readonly hostsFile?: string;
  /** Names remembered; beyond it the oldest is forgotten. */
  readonly cacheNamesMax?: number;
  readonly logger?: Logger;
}

/** As Kong's, but that A comes before SRV, and that AAAA is among them. */
export const DNS_ORDER_DEFAULT: readonly (RecordType | 'LAST')[] = ['LAST', 'A', 'AAAA', 'SRV', 'CNAME'];

/** Shared by the answers of all literals, which every request to one would make anew. */
const NOTHING: readonly never[] = [];

const CACHE_NAMES_MAX = 10_000;
const TTL_MIN_MS = 1_000;
const TTL_MAX_MS = 86_400_000;
/** After it, a look-up asks nobody any more, milliseconds. */
const LOOKUP_MS_MAX = 5_000;

/** Looks names up: hosts file, cache, DNS. Concurrent look-ups of one name share one question. */
export class DnsClient {
  readonly #options: Required<Omit<DnsOptions, 'servers' | 'hostsFile'>>;
  readonly #servers: DnsServers;
  readonly #lookup: NameLookup;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #cache = new Map<string, CachedName>();
  readonly #pending = new Map<string, Promise<DnsAnswer>>();

  constructor(options: DnsOptions = {}) {
    this.#options = {
      ...{ timeoutMs: 2_000, rounds: 2, order: DNS_ORDER_DEFAULT, search: [], ndots: 1, noSync: false },
      ...{ errorTtlMs: 1_000, notFoundTtlMs: 30_000, validTtlMs: null, staleTtlMs: 3_600_000 },
      ...{ cacheNamesMax: CACHE_NAMES_MAX, logger: silentLogger },
      ...options,
    };
    const { timeoutMs, rounds, search, ndots, logger } = this.#options;
    this.#hosts = readHostsFile(options.hostsFile);
    this.#servers = new DnsServers(options.servers ?? [], timeoutMs, rounds, logger);
    this.#lookup = new NameLookup(this.#servers, { search, ndots, hosts: this.#hosts });
  }

  /** The answer at once where it is known (a literal, the hosts file, the cache), a promise that never rejects otherwise. */
  lookup(name: string): DnsAnswer | Promise<DnsAnswer> {
    if (isIP(name) !== 0)
      return { addresses: [name], ports: NOTHING, attempts: NOTHING, cacheHit: false, error: null };
    const key = name.toLowerCase();
    const host = this.#hosts.get(key);
    if (host !== undefined) {
      return {
        addresses: [host],
        ports: NOTHING,
        attempts: [{ name, source: 'hosts', answer: host, cache_hit: true }],
        cacheHit: true,
        error: null,
      };
    }
    const cached = this.#cache.get(key);
    if (cached === undefined) return this.#ask(name, key);
    const nowMs = performance.now();
    if (nowMs < cached.expiresMs) return answerFromCache(name, cached, false);
    if (nowMs >= cached.staleUntilMs) return this.#ask(name, key);
    if (nowMs >= cached.retryMs && !this.#pending.has(key)) void this.#ask(name, key);
    return answerFromCache(name, cached, true);
  }

  /** Gives up what is being asked. */
  close(): void {
    this.#servers.close();
  }

  #ask(name: string, key: string): Promise<DnsAnswer> {
    const pending = this.#options.noSync ? undefined : this.#pending.get(key);
    if (pending !== undefined) return pending;
    const asked = this.#find(name, key).finally(() => {
      if (this.#pending.get(key) === asked) this.#pending.delete(key);
    });
    this.#pending.set(key, asked);
    return asked;
  }

  async #find(name: string, key: string): Promise<DnsAnswer> {
    const inquiry: DnsInquiry = { deadlineMs: performance.now() + LOOKUP_MS_MAX, attempts: [] };
    const looked = await this.#lookup.find(name, this.#typesOf(key), inquiry);
    this.#remember(name, key, looked);
    const { records, error } = looked;
    return {
      addresses: records?.addresses ?? [],
      ports: records?.ports ?? [],
      attempts: inquiry.attempts,
      cacheHit: false,
      error,
    };
  }

  /** A name such as `_http._tcp.shop` is one of a service and of nothing else (RFC 2782). */
  #typesOf(key: string): readonly RecordType[] {
    if (key.startsWith('_')) return ['SRV'];
    const last = this.#cache.get(key)?.records?.type;
    const types = this.#options.order.map((type) => (type === 'LAST' ? last : type));
    return [...new Set(types.filter((type) => type !== undefined))];
  }

  #remember(name: string, key: string, { records, error }: Looked): void {
    const { errorTtlMs, notFoundTtlMs, staleTtlMs, cacheNamesMax } = this.#options;
    const nowMs = performance.now();
    const before = this.#cache.get(key);
    if (error !== null && before !== undefined && isServerFailure(error) && nowMs < before.staleUntilMs) {
      before.retryMs = nowMs + errorTtlMs;
      this.#tellFailure(name, error, before.staleUntilMs - nowMs);
      return;
    }
    if (error !== null) this.#tellFailure(name, error, 0);
    else if (before !== undefined && before.records !== null) this.#tellChange(name, before.records, records);
    const ttlMs =
      error === null ? this.#ttlMs(records.ttlSeconds) : isServerFailure(error) ? errorTtlMs : notFoundTtlMs;
    const expiresMs = nowMs + ttlMs;
    this.#cache.delete(key);
    if (this.#cache.size >= cacheNamesMax) this.#cache.delete(this.#cache.keys().next().value!);
    const turns = new Turns(records?.addresses.length ?? 0, records?.weights ?? []);
    // The question itself was answered with the first.
    turns.next();
    const staleUntilMs = records === null ? expiresMs : expiresMs + staleTtlMs;
    this.#cache.set(key, { records, error, expiresMs, staleUntilMs, retryMs: 0, turns });
  }

  #ttlMs(seconds: number): number {
    return this.#options.validTtlMs ?? Math.min(TTL_MAX_MS, Math.max(TTL_MIN_MS, seconds * 1_000));
  }

  #tellFailure(name: string, error: string, staleMs: number): void {
    const until = staleMs > 0 ? `; its last answer is used for ${Math.round(staleMs / 1_000)} s more` : '';
    this.#options.logger.log('warn', 'dns', `${name} could not be looked up: ${error}${until}`, {
      name,
      error,
    });
  }

  #tellChange(name: string, before: Named, now: Named): void {
    const [old, fresh] = [before, now].map(listed);
    if (old === fresh) return;
    this.#options.logger.log('notice', 'dns', `${name} is now ${fresh}, before it was ${old}`, { name });
  }
}

type Named = { readonly addresses: readonly string[]; readonly ports: readonly number[] };

/** The addresses in an order that does not depend on the answer's. */
function listed({ addresses, ports }: Named): string {
  return addresses
    .map((address, index) => (ports[index] ? `${address}:${ports[index]}` : address))
    .sort()
    .join(' ');
}
