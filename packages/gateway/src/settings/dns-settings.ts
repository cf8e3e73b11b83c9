import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf } from '@gatescope/base';
import { RECORD_TYPES } from '../upstream/dns/dns-answer.ts';
import { DNS_ORDER_DEFAULT, type DnsOptions } from '../upstream/dns/dns-client.ts';
import { readResolvConf } from '../upstream/dns/resolv-conf.ts';
import type { SettingValues } from './setting-values.ts';

/** Reads what is said of looking names up. */
export function readDnsSettings(values: SettingValues): DnsOptions {
  const servers = readServers(values);
  const hostsFile = readHostsFilePath(values);
  return {
    servers,
    // The search list is the one of the system's servers; others need not know those domains.
    ...(servers.length > 0 ? {} : readResolvConf()),
    order: readOrder(values),
    errorTtlMs: values.durationMs('dns_error_ttl', 1_000),
    notFoundTtlMs: values.durationMs('dns_not_found_ttl', 30_000),
    staleTtlMs: values.durationMs('dns_stale_ttl', 3_600_000),
    validTtlMs: values.has('dns_valid_ttl') ? values.durationMs('dns_valid_ttl', 0) : null,
    cacheNamesMax: values.integer('dns_cache_size', 10_000, 1, 1_000_000),
    noSync: values.flag('dns_no_sync', false),
    ...(hostsFile === null ? {} : { hostsFile }),
  };
}

function readServers(values: SettingValues): readonly string[] {
  return values.list('dns_resolver', []).filter((server) => {
    const valid = isServer(server);
    if (!valid) values.wrong('dns_resolver', `${server} is not an address such as 10.0.0.2 or 10.0.0.2:53`);
    return valid;
  });
}

/** `address`, `address:port` or `[address]:port`, as node:dns takes it. */
function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return false;
  const [, v6, v4, port = '53'] = parts;
  return (v6 === undefined ? isIP(v4!) === 4 : isIP(v6) === 6) && Number(port) >= 1 && Number(port) <= 65_535;
}

function readHostsFilePath(values: SettingValues): string | null {
  const path = values.text('dns_hostsfile', null);
  if (path === null) return null;
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    values.wrong('dns_hostsfile', `${path} can't be read: ${messageOf(error)}`);
  }
  return path;
}

function readOrder(values: SettingValues): NonNullable<DnsOptions['order']> {
  const told = values.list('dns_order', DNS_ORDER_DEFAULT).map((word) => word.toUpperCase());
  const known = ['LAST', ...RECORD_TYPES] as const;
  const order = known.filter((one) => told.includes(one)).sort((a, b) => told.indexOf(a) - told.indexOf(b));
  const unknown = told.find((word) => !known.some((one) => one === word));
  if (unknown !== undefined)
    values.wrong('dns_order', `${unknown} is not asked for; known: ${known.join(', ')}`);
  else if (order.every((word) => word === 'LAST'))
    values.wrong('dns_order', `no type to ask for; known: ${RECORD_TYPES.join(', ')}`);
  return order;
}
