import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { A_TEST, AUTHORITY, B_TEST } from './testing/certificates.ts';
import type { RawPeer } from './testing/raw-peer.ts';
import { ask, askFully, FINE, OK, ScriptedUpstream, testPool } from './testing/scripted-upstream.ts';
import type { UpstreamTls } from './upstream-target.ts';

describe('TLS to an upstream', () => {
  const trusting = tls.createSecureContext({ ca: AUTHORITY });
  const secured = (serverName: string | null, rest: Partial<UpstreamTls> = {}): { tls: UpstreamTls } => ({
    tls: { serverName, verify: true, secureContext: trusting, contextKey: 'trusting', ...rest },
  });

  it('verifies the certificate against the server name, or the address', async () => {
    const upstream = await ScriptedUpstream.always(OK, A_TEST);
    const pool = testPool();
    for (const name of ['a.test', null, '127.0.0.1']) {
      expect(await ask(pool, { ...upstream.target, ...secured(name) })).toEqual(FINE);
    }
    const wrong = await askFully(pool, { ...upstream.target, ...secured('b.test') });
    expect([wrong.told.ending, wrong.message]).toEqual(['tls', expect.stringContaining('b.test')]);
    const unknown = await askFully(pool, {
      ...upstream.target,
      tls: { serverName: 'a.test', verify: true, contextKey: 'none' },
    });
    expect([unknown.told.ending, unknown.message]).toEqual(['tls', expect.stringContaining('certificate')]);
    expect(
      await ask(pool, {
        ...upstream.target,
        tls: { serverName: 'c.test', verify: false, contextKey: 'none' },
      }),
    ).toEqual(FINE);
  });

  it('shares connections between targets of equal key alone', async () => {
    const upstream = await ScriptedUpstream.always(OK, A_TEST);
    const pool = testPool();
    const reused = async (target: { tls: UpstreamTls }) =>
      (await askFully(pool, { ...upstream.target, ...target })).connection!.isReused;
    expect([
      await reused(secured('a.test')),
      await reused(secured('a.test')),
      await reused(secured(null)),
      await reused(secured('a.test', { contextKey: 'other' })),
      await reused(secured('a.test', { verify: false })),
    ]).toEqual([false, true, false, false, false]);
  });

  it('resumes its session on the next connection', async () => {
    const upstream = await ScriptedUpstream.always(OK, A_TEST);
    const pool = testPool();
    const target = { ...upstream.target, ...secured('a.test') };
    const resumed = [];
    for (const fresh of [true, true]) {
      const { connection } = await askFully(pool, target, { fresh });
      expect(connection!.securedMs).toBeGreaterThanOrEqual(connection!.connectedMs);
      resumed.push((connection!.socket as tls.TLSSocket).isSessionReused());
    }
    expect(resumed).toEqual([false, true]);
  });

  it('shows a client certificate', async () => {
    const upstream = await ScriptedUpstream.always(OK, {
      ...A_TEST,
      ca: AUTHORITY,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const pool = testPool();
    const secureContext = tls.createSecureContext({ ca: AUTHORITY, ...B_TEST });
    const target = { ...upstream.target, ...secured('a.test', { secureContext, contextKey: 'b' }) };
    expect(await ask(pool, target)).toEqual(FINE);
  });

  it('fails where the upstream speaks something else or goes away', async () => {
    const pool = testPool();
    const plain = await ScriptedUpstream.start((peer) => peer.send('220 smtp.test ESMTP\r\n'));
    expect((await ask(pool, { ...plain.target, ...secured('a.test') })).ending).toBe('tls');
    for (const leave of [(peer: RawPeer) => peer.finish(), (peer: RawPeer) => peer.reset()]) {
      const leaving = await ScriptedUpstream.start(async (peer) => {
        await peer.bytes(1);
        leave(peer);
      });
      expect((await ask(pool, { ...leaving.target, ...secured('a.test') })).ending).toBe('tls');
    }
    expect(pool.connections).toBe(0);
  });

  it('does not use a connection that was closed, or on which bytes wait', async () => {
    const upstream = await ScriptedUpstream.always(OK, A_TEST);
    const pool = testPool();
    const target = { ...upstream.target, ...secured('a.test') };
    for (const spoil of [(peer: RawPeer) => peer.destroy(), (peer: RawPeer) => peer.send(OK)]) {
      await ask(pool, target);
      const count = upstream.peers.length;
      spoil(upstream.peers.at(-1)!);
      expect(await ask(pool, target)).toEqual(FINE);
      expect(upstream.peers.length).toBe(count + 1);
    }
  });
});
