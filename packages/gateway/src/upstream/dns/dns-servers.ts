import { getServers } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { Logger } from '@gatescope/base';
import { type DnsAttempt, noteAttempt, type RecordType } from './dns-answer.ts';

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What was answered to one question; `records` are in the form that the type has. */
export interface DnsReply {
  readonly addresses: readonly string[];
  /** The shortest of the addresses; node:dns does not tell it of other records. */
  readonly ttlSeconds: number;
  readonly services: readonly SrvRecord[];
  readonly aliases: readonly string[];
  readonly error: string | null;
}

/** One look-up: until when it may ask, and what it asked. */
export interface DnsInquiry {
  /** performance.now(). */
  readonly deadlineMs: number;
  readonly attempts: DnsAttempt[];
}

interface Server {
  readonly address: string;
  readonly resolver: Resolver;
}

/** Errors that say something of a server and nothing of the name. */
const SERVER_FAILURES = new Set([
  'ECONNREFUSED',
  'ETIMEOUT',
  'ESERVFAIL',
  'EREFUSED',
  'ENOTIMP',
  'EFORMERR',
  'EBADRESP',
]);

/** Records of an answer that are taken; the rest is left. */
export const RECORDS_MAX = 64;

/** Whether a look-up failed for want of an answer, so that it may succeed later. */
export function isServerFailure(error: string): boolean {
  return SERVER_FAILURES.has(error);
}

/**
 * Asks name servers, one after another until one answers. The one that answered last is asked first the next time, so that a dead or
 * slow one costs a look-up its time-out once and not every time.
 */
export class DnsServers {
  readonly #servers: readonly Server[];
  readonly #rounds: number;
  readonly #logger: Logger;
  #first = 0;

  /** `servers` as `address` or `address:port`; empty: the system's. */
  constructor(servers: readonly string[], timeoutMs: number, rounds: number, logger: Logger) {
    const addresses = servers.length > 0 ? servers : getServers();
    this.#servers = addresses.map((address) => {
      const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
      resolver.setServers([address]);
      return { address, resolver };
    });
    this.#rounds = rounds;
    this.#logger = logger;
  }

  /** Never rejects. Asks no more of anybody once the deadline is over. */
  async ask(name: string, type: RecordType, inquiry: DnsInquiry): Promise<DnsReply> {
    let error = 'ETIMEOUT';
    let lost = true;
    for (let round = 0; round < this.#rounds && lost; round++) {
      // A second time only where something may have been lost on the way.
      lost = false;
      const first = this.#first;
      for (let offset = 0; offset < this.#servers.length; offset++) {
        const index = (first + offset) % this.#servers.length;
        if (performance.now() >= inquiry.deadlineMs) return failed(error);
        const reply = await askServer(this.#servers[index]!, name, type, inquiry.attempts);
        if (reply.error === null || !isServerFailure(reply.error)) {
          this.#prefer(index, error);
          return reply;
        }
        error = reply.error;
        lost ||= error === 'ETIMEOUT';
      }
    }
    return failed(error);
  }

  /** Gives up what is being asked. */
  close(): void {
    for (const { resolver } of this.#servers) resolver.cancel();
  }

  #prefer(index: number, error: string): void {
    if (index === this.#first) return;
    const [silent, answering] = [this.#servers[this.#first]!.address, this.#servers[index]!.address];
    this.#first = index;
    this.#logger.log(
      'warn',
      'dns',
      `name server ${silent} gives no answer (${error}); ${answering} is asked first from now on`,
      { server: silent, error },
    );
  }
}

async function askServer(
  { address, resolver }: Server,
  name: string,
  type: RecordType,
  attempts: DnsAttempt[],
): Promise<DnsReply> {
  const startMs = performance.now();
  const question = { name, type, server: address };
  const done = () => ({
    cache_hit: false,
    duration_ms: Math.round((performance.now() - startMs) * 1_000) / 1_000,
  });
  try {
    const reply = await query(resolver, name, type);
    // An answer may hold nothing but the alias that the name is.
    if (reply.addresses.length + reply.services.length + reply.aliases.length === 0)
      throw Object.assign(new Error('no records'), { code: 'ENODATA' });
    noteAttempt(attempts, { ...question, ...told(reply), ...done() });
    return reply;
  } catch (thrown) {
    const error = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    noteAttempt(attempts, { ...question, error, ...done() });
    return failed(error);
  }
}

async function query(resolver: Resolver, name: string, type: RecordType): Promise<DnsReply> {
  if (type === 'SRV') {
    const services = await resolver.resolveSrv(name);
    return { ...NOTHING, services: services.slice(0, RECORDS_MAX) };
  }
  if (type === 'CNAME') {
    const aliases = await resolver.resolveCname(name);
    return { ...NOTHING, aliases: aliases.slice(0, 1) };
  }
  const all =
    type === 'A'
      ? await resolver.resolve4(name, { ttl: true })
      : await resolver.resolve6(name, { ttl: true });
  const records = all.slice(0, RECORDS_MAX);
  return {
    ...NOTHING,
    addresses: records.map((record) => record.address),
    ttlSeconds: Math.min(...records.map((record) => record.ttl)),
  };
}

/** The answer as the span tells it. */
function told({ addresses, services, aliases, ttlSeconds }: DnsReply): DnsAttempt {
  if (addresses.length > 0) return { answer: addresses.join(' '), ttl: ttlSeconds };
  const targets = services.map((service) => `${service.name}:${service.port}`);
  return { answer: [...targets, ...aliases].join(' ') };
}

const NOTHING: DnsReply = { addresses: [], ttlSeconds: 0, services: [], aliases: [], error: null };

function failed(error: string): DnsReply {
  return { ...NOTHING, error };
}
