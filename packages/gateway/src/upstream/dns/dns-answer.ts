/** Types of records that are asked for. */
export const RECORD_TYPES = ['A', 'AAAA', 'SRV', 'CNAME'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** One step of a look-up, as the span tells it: what was asked of whom, and the answer or the error. */
export interface DnsAttempt {
  readonly [key: string]: string | number | boolean;
}

/** What a look-up found. */
export interface DnsAnswer {
  /** Those to be tried first come first; empty where nothing was found. */
  readonly addresses: readonly string[];
  /** The port of each address, where SRV records told one; 0 and a shorter list: they told none. */
  readonly ports: readonly number[];
  readonly attempts: readonly DnsAttempt[];
  readonly cacheHit: boolean;
  readonly error: string | null;
}

/** What the records of a name come to. */
export interface DnsRecords {
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** Shares of the addresses; empty: all the same. */
  readonly weights: readonly number[];
  /** The shortest of all addresses'. */
  readonly ttlSeconds: number;
  /** The type that was asked for and gave them. */
  readonly type: RecordType;
}

/** Steps that a look-up tells of; what is done beyond is not told. */
const ATTEMPTS_MAX = 32;

/** Notes a step, as long as there is room for it. */
export function noteAttempt(attempts: DnsAttempt[], attempt: DnsAttempt): void {
  if (attempts.length < ATTEMPTS_MAX) attempts.push(attempt);
}
