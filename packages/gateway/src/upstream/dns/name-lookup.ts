import { isIP } from 'node:net';
import { type DnsRecords, noteAttempt, type RecordType } from './dns-answer.ts';
import {
  type DnsInquiry,
  type DnsReply,
  type DnsServers,
  RECORDS_MAX,
  type SrvRecord,
} from './dns-servers.ts';

export interface NameLookupOptions {
  /** Domains that names are looked for in. */
  readonly search: readonly string[];
  readonly ndots: number;
  /** Addresses of names that are not asked for. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** What a look-up came to: records, or why there are none. */
export type Looked =
  | { readonly records: DnsRecords; readonly error: null }
  | { readonly records: null; readonly error: string };

/** Aliases followed from one name. */
const ALIASES_MAX = 8;
/** Targets of SRV records that are looked up. */
const SERVICES_MAX = 16;
/** How long SRV records are good for whose targets need no look-up: node:dns does not tell their own time. */
const UNTOLD_TTL_SECONDS = 60;

/** Finds out what a name stands for: goes through the search list, the types of records, aliases and services. Remembers nothing. */
export class NameLookup {
  readonly #servers: DnsServers;
  readonly #options: NameLookupOptions;

  constructor(servers: DnsServers, options: NameLookupOptions) {
    this.#servers = servers;
    this.#options = options;
  }

  /** Never rejects. */
  async find(name: string, types: readonly RecordType[], inquiry: DnsInquiry): Promise<Looked> {
    let error: string | null = null;
    for (const candidate of this.#candidates(name)) {
      const found = await this.#findOne(candidate, types, inquiry);
      if (found.error === null) return found;
      error = worse(error, found.error);
    }
    return { records: null, error: error ?? 'ENOTFOUND' };
  }

  #candidates(name: string): readonly string[] {
    const { search, ndots } = this.#options;
    if (name.endsWith('.')) return [name.slice(0, -1)];
    const inDomains = search.map((domain) => `${name}.${domain}`);
    const dots = name.split('.').length - 1;
    return dots >= ndots ? [name, ...inDomains] : [...inDomains, name];
  }

  async #findOne(name: string, types: readonly RecordType[], inquiry: DnsInquiry): Promise<Looked> {
    let error: string | null = null;
    for (const type of types) {
      // A name without any records has no alias either; and one that a server gave no answer about is not followed.
      if (type === 'CNAME' && error !== null && error !== 'ENODATA') continue;
      const found = await this.#ask(name, type, inquiry, ALIASES_MAX);
      if (found.error === null) return found;
      error = worse(error, found.error);
    }
    return { records: null, error: error ?? 'ENODATA' };
  }

  async #ask(name: string, type: RecordType, inquiry: DnsInquiry, aliasesLeft: number): Promise<Looked> {
    const reply = await this.#servers.ask(name, type, inquiry);
    if (reply.error !== null) return { records: null, error: reply.error };
    if (type === 'SRV') return this.#services(reply.services, inquiry);
    if (type === 'CNAME') return this.#alias(name, reply, inquiry, aliasesLeft);
    return { records: { ...reply, ports: [], weights: [], type }, error: null };
  }

  /** Servers follow aliases themselves, as far as they know the names; the rest is done here. */
  async #alias(name: string, reply: DnsReply, inquiry: DnsInquiry, aliasesLeft: number): Promise<Looked> {
    const [alias] = reply.aliases;
    if (alias === undefined) return { records: null, error: 'ENODATA' };
    if (aliasesLeft === 0) {
      noteAttempt(inquiry.attempts, { name, error: `more than ${ALIASES_MAX} aliases`, cache_hit: false });
      return { records: null, error: 'ELOOP' };
    }
    const found = await this.#addresses(alias, inquiry);
    if (found.error === 'ENODATA') return this.#ask(alias, 'CNAME', inquiry, aliasesLeft - 1);
    return found.error === null ? { records: { ...found.records, type: 'CNAME' }, error: null } : found;
  }

  /** Those of the first priority, with the addresses of all their targets. */
  async #services(services: readonly SrvRecord[], inquiry: DnsInquiry): Promise<Looked> {
    const priority = Math.min(...services.map((service) => service.priority));
    // A target called `.` says that there is no such service (RFC 2782).
    const chosen = services.filter((service) => service.priority === priority && service.name !== '');
    const targets = await Promise.all(
      chosen.slice(0, SERVICES_MAX).map(async (service) => {
        const own: DnsInquiry = { deadlineMs: inquiry.deadlineMs, attempts: [] };
        return { service, own, found: await this.#addresses(service.name, own) };
      }),
    );
    const addresses: string[] = [];
    const ports: number[] = [];
    const weights: number[] = [];
    let ttlSeconds = Number.POSITIVE_INFINITY;
    let error = 'ENODATA';
    for (const { service, own, found } of targets) {
      for (const attempt of own.attempts) noteAttempt(inquiry.attempts, attempt);
      if (found.error !== null) {
        error = found.error;
        continue;
      }
      ttlSeconds = Math.min(ttlSeconds, found.records.ttlSeconds);
      for (const address of found.records.addresses.slice(0, RECORDS_MAX - addresses.length)) {
        addresses.push(address);
        ports.push(service.port);
        weights.push(Math.max(1, service.weight));
      }
    }
    if (addresses.length === 0) return { records: null, error };
    return { records: { addresses, ports, weights, ttlSeconds, type: 'SRV' }, error: null };
  }

  async #addresses(name: string, inquiry: DnsInquiry): Promise<Looked> {
    const known = isIP(name) === 0 ? this.#options.hosts.get(name.toLowerCase()) : name;
    if (known !== undefined)
      return {
        records: {
          ...{ addresses: [known], ports: [], weights: [] },
          ...{ ttlSeconds: UNTOLD_TTL_SECONDS, type: 'A' },
        },
        error: null,
      };
    return this.#findOne(name, ['A', 'AAAA'], inquiry);
  }
}

/** Of two errors the one that says more: no answer, then no such records, then no such name. */
function worse(one: string | null, other: string): string {
  if (one === null || one === 'ENOTFOUND') return other;
  return one === 'ENODATA' && other !== 'ENOTFOUND' ? other : one;
}
