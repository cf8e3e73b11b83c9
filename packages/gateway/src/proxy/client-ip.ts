import { BlockList, isIP } from 'node:net';
import type { Headers } from '@gatescope/http1';

/** Whose word about the client's address is taken, and in which field. */
export interface ClientIpPolicy {
  /** Addresses and networks of trusted proxies. */
  readonly trusted: BlockList | null;
  /** Whether peers behind Unix sockets are, `unix:` among the trusted. */
  readonly trustsUnix: boolean;
  /** Lower-case name of the field, such as x-real-ip or x-forwarded-for. */
  readonly header: string;
  /** Takes the last address that is not trusted, instead of the last. */
  readonly recursive: boolean;
}

/** Where a client is; the peer of a connection is one. */
export interface ClientAddress {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** A list of addresses and networks in CIDR notation; null where it is empty. Throws for what is neither. */
export function trustedNetworks(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new Error(`${entry} is no address`);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Whether the address is one of a trusted proxy. What is no address (that of a peer that is gone) is not. */
export function isTrusted(policy: ClientIpPolicy, address: string): boolean {
  if (policy.trustsUnix && address === 'unix:') return true;
  if (policy.trusted === null) return false;
  // An IPv6 address may name its interface, which is no part of a network.
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  return family !== 0 && policy.trusted.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/** The client's address: the peer's, or what a trusted peer says in the configured field. */
export function clientOf(policy: ClientIpPolicy, peer: ClientAddress, headers: Headers): ClientAddress {
  if (policy.trusted === null && !policy.trustsUnix) return peer;
  if (!isTrusted(policy, peer.remoteAddress)) return peer;
  const told = headers
    .getAll(policy.header)
    .join(',')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  let best = peer;
  for (const text of told.reverse()) {
    const parsed = parseAddress(text);
    if (parsed === null) break;
    best = parsed;
    if (!policy.recursive || !isTrusted(policy, parsed.remoteAddress)) break;
  }
  return best;
}

function parseAddress(text: string): ClientAddress | null {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text);
  const address = bracketed?.[1] ?? plain?.[1] ?? text;
  if (isIP(address) === 0) return null;
  return { remoteAddress: address, remotePort: Number(bracketed?.[2] ?? plain?.[2] ?? 0) };
}
