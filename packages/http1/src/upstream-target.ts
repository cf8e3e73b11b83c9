import type { SecureContext } from 'node:tls';

/** How TLS is spoken to an upstream. */
export interface UpstreamTls {
  /** Sent as SNI and checked against the certificate; null where the upstream is addressed by IP. */
  readonly serverName: string | null;
  /** Refuses certificates that the trusted authorities did not sign or that name another host. */
  readonly verify: boolean;
  /** Certificates that may stand between the upstream's own and a trusted authority; null: no limit. Counts where `verify` is set. */
  readonly verifyDepth?: number | null;
  /** Authorities and client certificate. */
  readonly secureContext?: SecureContext;
  /** Tells contexts apart: connections are shared between targets of equal key only. */
  readonly contextKey: string;
}

/** Where a request goes: an address already resolved. */
export interface UpstreamTarget {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  readonly tls: UpstreamTls | null;
}

/** Keys of plaintext targets by address and port: to put one together for every request takes longer than all else the pool does. */
const plainKeys = new Map<string, Map<number, string>>();
/** So many are remembered, before it begins anew. */
const PLAIN_KEYS_MAX = 4_096;
let plainKeyCount = 0;

/** The pool key of a target. */
export function targetKey({ address, port, tls }: UpstreamTarget): string {
  if (tls === null) return plainKeys.get(address)?.get(port) ?? rememberedKey(address, port);
  return `${address}|${port}|${tls.serverName ?? ''}|${tls.verify ? 'v' : ''}|${tls.contextKey}`;
}

function rememberedKey(address: string, port: number): string {
  if (plainKeyCount === PLAIN_KEYS_MAX) {
    plainKeys.clear();
    plainKeyCount = 0;
  }
  plainKeyCount++;
  const key = `${address}|${port}`;
  const ports = plainKeys.get(address);
  if (ports === undefined) plainKeys.set(address, new Map([[port, key]]));
  else ports.set(port, key);
  return key;
}
