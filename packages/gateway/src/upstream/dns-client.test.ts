import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { DnsServer } from '../testing/dns-server.ts';
import { DnsClient, type DnsOptions } from './dns-client.ts';

function clientOf(server: DnsServer, options: DnsOptions = {}): DnsClient {
  return new DnsClient({ servers: [server.address], timeoutMs: 1_000, tries: 1, ...options });
}

describe('DnsClient', () => {
  it('answers literals at once, without a word in the trace', () => {
    const client = new DnsClient();
    const answer = (address: string) => ({
      addresses: [address],
      attempts: [],
      cacheHit: false,
      error: null,
    });
    expect([client.lookup('10.0.0.1'), client.lookup('2001:db8::1')]).toEqual([
      answer('10.0.0.1'),
      answer('2001:db8::1'),
    ]);
  });

  it('answers from the hosts file at once, in any case, IPv4 before IPv6', () => {
    const hostsFile = join(mkdtempSync(join(tmpdir(), 'gatescope-hosts-')), 'hosts');
    writeFileSync(
      hostsFile,
      '# all\n::1 both.test\n10.0.0.1\tboth.test  Alias.test # one\n10.0.0.2 both.test\n',
    );
    const client = new DnsClient({ hostsFile });
    expect(client.lookup('BOTH.test')).toEqual({
      addresses: ['10.0.0.1'],
      attempts: [{ name: 'BOTH.test', source: 'hosts', answer: '10.0.0.1', cache_hit: true }],
      cacheHit: true,
      error: null,
    });
    expect(client.lookup('alias.test')).toMatchObject({ addresses: ['10.0.0.1'] });
    expect(client.lookup('localhost')).toMatchObject({ addresses: ['127.0.0.1'] });
  });

  it('asks the server, then the cache, whose addresses take turns', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1', '10.0.0.2', '10.0.0.3'] });
    const client = clientOf(server);
    expect(await client.lookup('a.test')).toEqual({
      addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
      attempts: [
        {
          name: 'a.test',
          type: 'A',
          answer: '10.0.0.1 10.0.0.2 10.0.0.3',
          ttl: 60,
          cache_hit: false,
        },
      ],
      cacheHit: false,
      error: null,
    });
    expect(client.lookup('A.test')).toEqual({
      addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.1'],
      attempts: [{ name: 'A.test', answer: '10.0.0.2 10.0.0.3 10.0.0.1', cache_hit: true }],
      cacheHit: true,
      error: null,
    });
    expect(client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.3', '10.0.0.1', '10.0.0.2'] });
    expect(client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] });
    expect(server.asked).toEqual(['a.test A']);
  });

  it('asks once for look-ups that come together', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const client = clientOf(server);
    const answers = await Promise.all([client.lookup('a.test'), client.lookup('A.TEST')]);
    expect(answers.map(({ addresses }) => addresses)).toEqual([['10.0.0.1'], ['10.0.0.1']]);
    expect(server.asked).toEqual(['a.test A']);
  });

  it('tells of every attempt of a look-up that finds nothing, and remembers it for a while', async () => {
    const server = await DnsServer.start({ 'empty.test': [] });
    const client = clientOf(server, { errorTtlMs: 60_000 });
    const attempt = (name: string, error: string) => ({
      addresses: [],
      attempts: [
        { name, type: 'A', error, cache_hit: false },
        { name, type: 'AAAA', error, cache_hit: false },
      ],
      cacheHit: false,
      error,
    });
    expect(await client.lookup('nowhere.test')).toEqual(attempt('nowhere.test', 'ENOTFOUND'));
    expect(await client.lookup('empty.test')).toEqual(attempt('empty.test', 'ENODATA'));
    expect(client.lookup('nowhere.test')).toEqual({
      addresses: [],
      attempts: [{ name: 'nowhere.test', error: 'ENOTFOUND', cache_hit: true }],
      cacheHit: true,
      error: 'ENOTFOUND',
    });
  });

  it('asks again when an answer is too old, and takes what is new', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const client = clientOf(server, { validTtlMs: 20 });
    await client.lookup('a.test');
    server.zone = { 'a.test': ['10.0.0.2'] };
    const answer = await until('the cache to be too old', async () => {
      const found = await client.lookup('a.test');
      return found.cacheHit ? null : found;
    });
    expect(answer.addresses).toEqual(['10.0.0.2']);
  });

  it('asks again when a failure is too old', async () => {
    const server = await DnsServer.start({});
    const client = clientOf(server, { errorTtlMs: 20 });
    await client.lookup('a.test');
    server.zone = { 'a.test': ['10.0.0.1'] };
    await until('the name to be found', async () => (await client.lookup('a.test')).addresses.length === 1);
  });

  it('forgets the oldest of more names than it may remember', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'], 'b.test': [], 'c.test': ['10.0.0.3'] });
    const client = clientOf(server, { cacheNamesMax: 2 });
    for (const name of ['a.test', 'b.test', 'c.test']) await client.lookup(name);
    const hits: boolean[] = [];
    for (const name of ['c.test', 'b.test', 'a.test']) hits.push((await client.lookup(name)).cacheHit);
    expect(hits).toEqual([true, true, false]);
  });
});
