import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevel } from '@gatescope/base';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../../test/support/until.ts';
import { DnsServer } from '../../testing/dns-server.ts';
import { DnsClient, type DnsOptions } from './dns-client.ts';

const ANY_TIME = { cache_hit: false, duration_ms: expect.any(Number) };

function clientOf(server: DnsServer, options: DnsOptions = {}): DnsClient {
  return new DnsClient({ servers: [server.address], timeoutMs: 5_000, rounds: 1, ...options });
}

/** A client of which nothing is younger than its answers' time. */
function forgetful(server: DnsServer, options: DnsOptions = {}) {
  const lines: [LogLevel, string][] = [];
  const logger = { log: (level: LogLevel, _: string, message: string) => void lines.push([level, message]) };
  return { client: clientOf(server, { validTtlMs: 0, logger, ...options }), lines };
}

describe('DnsClient', () => {
  it('answers literals at once, without a word in the trace', () => {
    const client = new DnsClient();
    const answer = (address: string) => ({
      addresses: [address],
      ports: [],
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
      ports: [],
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
      ports: [],
      attempts: [
        {
          name: 'a.test',
          type: 'A',
          server: server.address,
          answer: '10.0.0.1 10.0.0.2 10.0.0.3',
          ttl: 60,
          ...ANY_TIME,
        },
      ],
      cacheHit: false,
      error: null,
    });
    expect(client.lookup('A.test')).toEqual({
      addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.1'],
      ports: [],
      attempts: [{ name: 'A.test', type: 'A', answer: '10.0.0.2 10.0.0.3 10.0.0.1', cache_hit: true }],
      cacheHit: true,
      error: null,
    });
    expect(client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.3', '10.0.0.1', '10.0.0.2'] });
    expect(client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] });
    expect(server.asked).toEqual(['a.test A']);
  });

  it('asks once for look-ups that come together, or once each if told so', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    for (const [noSync, asked] of [
      [false, 1],
      [true, 3],
    ] as const) {
      const client = clientOf(server, { noSync });
      const answers = await Promise.all([client.lookup('a.test'), client.lookup('A.TEST')]);
      expect(answers.map(({ addresses }) => addresses)).toEqual([['10.0.0.1'], ['10.0.0.1']]);
      expect(server.asked).toHaveLength(asked);
    }
  });

  it('tells of every attempt of a look-up that finds nothing, and remembers it for a while', async () => {
    const server = await DnsServer.start({ 'empty.test': [] });
    const client = clientOf(server, { notFoundTtlMs: 60_000 });
    const answer = (name: string, error: string, types: readonly string[]) => ({
      addresses: [],
      ports: [],
      attempts: types.map((type) => ({ name, type, server: server.address, error, ...ANY_TIME })),
      cacheHit: false,
      error,
    });
    // What does not exist has no alias either.
    expect(await client.lookup('nowhere.test')).toEqual(
      answer('nowhere.test', 'ENOTFOUND', ['A', 'AAAA', 'SRV']),
    );
    expect(await client.lookup('empty.test')).toEqual(
      answer('empty.test', 'ENODATA', ['A', 'AAAA', 'SRV', 'CNAME']),
    );
    expect(client.lookup('nowhere.test')).toEqual({
      addresses: [],
      ports: [],
      attempts: [{ name: 'nowhere.test', error: 'ENOTFOUND', cache_hit: true }],
      cacheHit: true,
      error: 'ENOTFOUND',
    });
  });

  it('gives an answer that is too old, while it asks for a new one', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const { client, lines } = forgetful(server);
    await client.lookup('a.test');
    server.zone = { 'a.test': ['10.0.0.2'] };
    expect(client.lookup('a.test')).toEqual({
      addresses: ['10.0.0.1'],
      ports: [],
      attempts: [{ name: 'a.test', type: 'A', answer: '10.0.0.1', cache_hit: true, stale: true }],
      cacheHit: true,
      error: null,
    });
    await until('the new answer', async () => (await client.lookup('a.test')).addresses[0] === '10.0.0.2');
    expect(lines).toEqual([['notice', 'a.test is now 10.0.0.2, before it was 10.0.0.1']]);
  });

  it('asks first where an answer may not be used beyond its time', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const { client } = forgetful(server, { staleTtlMs: 0 });
    await client.lookup('a.test');
    server.zone = { 'a.test': ['10.0.0.2'] };
    expect(await client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.2'], cacheHit: false });
  });

  it('keeps to its last answer while the server fails, and lets it rest between questions', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const { client, lines } = forgetful(server, { errorTtlMs: 60_000 });
    await client.lookup('a.test');
    server.mood = 'failing';
    client.lookup('a.test');
    await until('the failure to be told', () => lines.length > 0);
    expect(lines).toEqual([
      [
        'warn',
        expect.stringMatching(/^a\.test could not be looked up: ESERVFAIL; its last .* for 3\d{3} s more$/),
      ],
    ]);
    const asked = server.asked.length;
    expect(client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.1'], cacheHit: true, error: null });
    expect(server.asked).toHaveLength(asked);
  });

  it('drops its last answer when the name is no more', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'] });
    const { client } = forgetful(server);
    await client.lookup('a.test');
    server.zone = {};
    client.lookup('a.test');
    await until('the name to be gone', async () => (await client.lookup('a.test')).error === 'ENOTFOUND');
  });

  it.each([
    ['a failure', 'failing', { errorTtlMs: 0, notFoundTtlMs: 60_000 }],
    ['a name that was not there', 'well', { errorTtlMs: 60_000, notFoundTtlMs: 0 }],
  ] as const)('asks again after %s, as long as each may be remembered', async (_, mood, ttls) => {
    const server = await DnsServer.start({});
    const client = clientOf(server, ttls);
    server.mood = mood;
    expect(await client.lookup('a.test')).toMatchObject({ addresses: [] });
    server.mood = 'well';
    server.zone = { 'a.test': ['10.0.0.1'] };
    expect(await client.lookup('a.test')).toMatchObject({ addresses: ['10.0.0.1'], cacheHit: false });
  });

  it('forgets the oldest of more names than it may remember', async () => {
    const server = await DnsServer.start({ 'a.test': ['10.0.0.1'], 'b.test': [], 'c.test': ['10.0.0.3'] });
    const client = clientOf(server, { cacheNamesMax: 2 });
    for (const name of ['a.test', 'b.test', 'c.test']) await client.lookup(name);
    const hits: boolean[] = [];
    for (const name of ['c.test', 'b.test', 'a.test']) hits.push((await client.lookup(name)).cacheHit);
    expect(hits).toEqual([true, true, false]);
  });

  it('asks first for the type that was found the last time', async () => {
    const server = await DnsServer.start({ 'a.test': { AAAA: ['2001:db8::1'] } });
    const { client } = forgetful(server, { staleTtlMs: 0 });
    expect(await client.lookup('a.test')).toMatchObject({ addresses: ['2001:db8::1'] });
    await client.lookup('a.test');
    expect(server.asked).toEqual(['a.test A', 'a.test AAAA', 'a.test AAAA']);
  });

  it('asks for types in the order it was told', async () => {
    const server = await DnsServer.start({ 'a.test': { A: ['10.0.0.1'], AAAA: ['2001:db8::1'] } });
    const client = clientOf(server, { order: ['AAAA', 'A'] });
    expect(await client.lookup('a.test')).toMatchObject({ addresses: ['2001:db8::1'] });
  });
});

describe('DnsClient, where a name stands for another,', () => {
  it('follows aliases', async () => {
    const server = await DnsServer.start({
      'a.test': { CNAME: 'b.test' },
      'b.test': { CNAME: 'c.test' },
      'c.test': ['10.0.0.1'],
    });
    const found = await clientOf(server, { order: ['A', 'CNAME'] }).lookup('a.test');
    expect(found).toMatchObject({ addresses: ['10.0.0.1'], error: null });
    const told = found.attempts.map(({ name, type, answer, error }) => [name, type, answer ?? error]);
    expect(told).toEqual([
      ['a.test', 'A', 'ENODATA'],
      ['a.test', 'CNAME', 'b.test'],
      ['b.test', 'A', 'ENODATA'],
      ['b.test', 'AAAA', 'ENODATA'],
      ['b.test', 'CNAME', 'c.test'],
      ['c.test', 'A', '10.0.0.1'],
    ]);
  });

  it('gives up on aliases that lead in a circle', async () => {
    const server = await DnsServer.start({ 'a.test': { CNAME: 'b.test' }, 'b.test': { CNAME: 'a.test' } });
    const found = await clientOf(server).lookup('a.test');
    expect(found.error).toBe('ELOOP');
    expect(found.attempts.at(-1)).toEqual({
      name: 'a.test',
      error: 'more than 8 aliases',
      cache_hit: false,
    });
    expect(found.attempts.length).toBeLessThanOrEqual(32);
  });

  it('asks for the service alone where the name is one of a service', async () => {
    const server = await DnsServer.start({
      '_http._tcp.test': { SRV: ['1 1 8001 a.test', '2 1 8009 c.test'] },
      'a.test': ['10.0.0.1', '10.0.0.2'],
    });
    const found = await clientOf(server).lookup('_http._tcp.test');
    expect(found).toMatchObject({ addresses: ['10.0.0.1', '10.0.0.2'], ports: [8001, 8001] });
    expect(found.attempts.map(({ name, type, answer }) => [name, type, answer])).toEqual([
      ['_http._tcp.test', 'SRV', expect.stringContaining('a.test:8001')],
      ['a.test', 'A', '10.0.0.1 10.0.0.2'],
    ]);
    expect(server.asked).toEqual(['_http._tcp.test SRV', 'a.test A']);
  });

  it('spreads over services by their weights', async () => {
    const server = await DnsServer.start({
      'shop.test': { SRV: ['1 3 8001 a.test', '1 1 8002 b.test'] },
      'a.test': ['10.0.0.1'],
      'b.test': ['10.0.0.2'],
    });
    const client = clientOf(server, { order: ['SRV'] });
    const ports: number[] = [];
    for (let count = 0; count < 8; count++) ports.push((await client.lookup('shop.test')).ports[0]!);
    expect(ports.filter((port) => port === 8001)).toHaveLength(6);
    expect(ports.filter((port) => port === 8002)).toHaveLength(2);
  });

  it('takes the services whose names are found', async () => {
    const server = await DnsServer.start({
      'shop.test': { SRV: ['1 1 8001 gone.test', '1 1 8002 b.test'] },
      'none.test': { SRV: ['1 1 8001 gone.test'] },
      'b.test': ['10.0.0.2'],
    });
    const client = clientOf(server, { order: ['SRV'] });
    expect(await client.lookup('shop.test')).toMatchObject({ addresses: ['10.0.0.2'], ports: [8002] });
    expect(await client.lookup('none.test')).toMatchObject({ addresses: [], error: 'ENOTFOUND' });
  });

  it('looks in the domains of the search list, short names first, long ones last', async () => {
    const server = await DnsServer.start({ 'shop.one.test': ['10.0.0.1'], 'a.b.two.test': ['10.0.0.2'] });
    const client = clientOf(server, { order: ['A'], search: ['two.test', 'one.test'], ndots: 1 });
    expect(await client.lookup('shop')).toMatchObject({ addresses: ['10.0.0.1'] });
    expect(await client.lookup('a.b')).toMatchObject({ addresses: ['10.0.0.2'] });
    expect(await client.lookup('shop.')).toMatchObject({ error: 'ENOTFOUND' });
    expect(server.asked).toEqual(
      ['shop.two.test', 'shop.one.test', 'a.b', 'a.b.two.test', 'shop'].map((name) => `${name} A`),
    );
  });
});

describe('DnsClient, with several servers,', () => {
  it.each(['silent', 'failing'] as const)(
    'goes on to the next when one is %s, and keeps to it',
    async (mood) => {
      const [bad, good] = [await DnsServer.start({}), await DnsServer.start({ 'a.test': ['10.0.0.1'] })];
      bad.mood = mood;
      const { client, lines } = forgetful(bad, {
        servers: [bad.address, good.address],
        timeoutMs: 100,
        staleTtlMs: 0,
      });
      const error = mood === 'silent' ? 'ETIMEOUT' : 'ESERVFAIL';
      const [failed, answered] = (await client.lookup('a.test')).attempts;
      expect(failed).toEqual({ name: 'a.test', type: 'A', server: bad.address, error, ...ANY_TIME });
      expect(answered).toMatchObject({ server: good.address, answer: '10.0.0.1' });
      expect((await client.lookup('a.test')).attempts).toMatchObject([{ server: good.address }]);
      expect(lines).toEqual([
        [
          'warn',
          `name server ${bad.address} gives no answer (${error}); ${good.address} is asked first from now on`,
        ],
      ]);
      expect(bad.asked.length).toBeGreaterThan(0);
    },
  );

  it('does not ask another when one says that there is no such name', async () => {
    const [one, other] = [await DnsServer.start({}), await DnsServer.start({ 'a.test': ['10.0.0.1'] })];
    const client = clientOf(one, { servers: [one.address, other.address] });
    expect(await client.lookup('a.test')).toMatchObject({ error: 'ENOTFOUND' });
    expect(other.asked).toEqual([]);
  });

  it('asks a second time when nobody answers, and says so', async () => {
    const server = await DnsServer.start({});
    server.mood = 'silent';
    const { client, lines } = forgetful(server, { timeoutMs: 50, rounds: 2, order: ['A'] });
    const found = await client.lookup('a.test');
    expect(found.error).toBe('ETIMEOUT');
    expect(found.attempts).toHaveLength(2);
    expect(lines).toEqual([['warn', 'a.test could not be looked up: ETIMEOUT']]);
  });
});
