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

/** The pool key of a target. */
export function targetKey(target: UpstreamTarget): string {
  const { tls } = target;
  if (tls === null) return `${target.address}|${target.port}`;
  return `${target.address}|${target.port}|${tls.serverName ?? ''}|${tls.verify ? 'v' : ''}|${tls.contextKey}`;
}
