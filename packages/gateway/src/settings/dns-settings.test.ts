import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DNS_ORDER_DEFAULT } from '../upstream/dns/dns-client.ts';
import { readDnsSettings } from './dns-settings.ts';
import { SettingValues } from './setting-values.ts';

function read(env: Record<string, string>) {
  const values = new SettingValues(env, null);
  const settings = readDnsSettings(values);
  return { settings, errors: values.errors.map(({ path, message }) => `${path}: ${message}`) };
}

const DEFAULTS = {
  order: DNS_ORDER_DEFAULT,
  errorTtlMs: 1_000,
  notFoundTtlMs: 30_000,
  staleTtlMs: 3_600_000,
  validTtlMs: null,
  cacheNamesMax: 10_000,
  noSync: false,
};

describe('readDnsSettings()', () => {
  it('takes what the system says where nothing is said', () => {
    expect(read({})).toEqual({
      settings: {
        ...DEFAULTS,
        servers: [],
        search: expect.any(Array),
        ndots: expect.any(Number),
        timeoutMs: expect.any(Number),
        rounds: expect.any(Number),
      },
      errors: [],
    });
  });

  it('knows Kong’s names', () => {
    const hostsFile = join(mkdtempSync(join(tmpdir(), 'gatescope-hosts-')), 'hosts');
    writeFileSync(hostsFile, '');
    expect(
      read({
        KONG_DNS_RESOLVER: '10.0.0.2, 10.0.0.3:5353, ::1, [2001:db8::1]:54',
        KONG_DNS_HOSTSFILE: hostsFile,
        KONG_DNS_ORDER: 'last,srv,a',
        KONG_DNS_VALID_TTL: '5',
        KONG_DNS_STALE_TTL: '0',
        KONG_DNS_NOT_FOUND_TTL: '7',
        KONG_DNS_ERROR_TTL: '500ms',
        KONG_DNS_CACHE_SIZE: '20',
        KONG_DNS_NO_SYNC: 'on',
      }),
    ).toEqual({
      settings: {
        servers: ['10.0.0.2', '10.0.0.3:5353', '::1', '[2001:db8::1]:54'],
        hostsFile,
        order: ['LAST', 'SRV', 'A'],
        validTtlMs: 5_000,
        staleTtlMs: 0,
        notFoundTtlMs: 7_000,
        errorTtlMs: 500,
        cacheNamesMax: 20,
        noSync: true,
      },
      errors: [],
    });
  });

  it.each([
    ['KONG_DNS_RESOLVER', 'ns.test', 'ns.test is not an address such as 10.0.0.2 or 10.0.0.2:53'],
    [
      'KONG_DNS_RESOLVER',
      '10.0.0.2:70000',
      '10.0.0.2:70000 is not an address such as 10.0.0.2 or 10.0.0.2:53',
    ],
    ['KONG_DNS_ORDER', 'A,TXT', 'TXT is not asked for; known: LAST, A, AAAA, SRV, CNAME'],
    ['KONG_DNS_ORDER', 'LAST', 'no type to ask for; known: A, AAAA, SRV, CNAME'],
    ['KONG_DNS_CACHE_SIZE', '0', '0 is not a whole number from 1 to 1000000'],
    [
      'KONG_DNS_HOSTSFILE',
      '/nowhere/hosts',
      "/nowhere/hosts can't be read: ENOENT: no such file or directory, access '/nowhere/hosts'",
    ],
  ])('refuses %s=%s', (key, value, message) => {
    expect(read({ [key]: value }).errors).toEqual([`${key}: ${message}`]);
  });
});
