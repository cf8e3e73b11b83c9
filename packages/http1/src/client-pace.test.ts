import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { turn } from './testing/raw-peer.ts';
import { askFully, OK, PATIENT, ScriptedUpstream, SILENT, testPool } from './testing/scripted-upstream.ts';

describe('the pace of an upstream', () => {
  const BYTES = 32_000_000;
  const PIECE = Buffer.alloc(64_000, 'x');

  it('holds the sender back until the upstream reads again', async () => {
    const upstream = await ScriptedUpstream.start((peer) => void peer.socket.pause());
    const pool = testPool();
    const blocked = { times: 0, bytes: 0 };
    const status = new Promise((resolve) => {
      pool.connect(upstream.target, 15_000, {
        onConnectFailed: resolve,
        onConnected: (connection) => {
          let left = BYTES;
          const send = () => {
            while (left > 0) {
              left -= PIECE.length;
              if (connection.write(PIECE)) continue;
              blocked.times++;
              blocked.bytes = Math.max(blocked.bytes, connection.socket.writableLength);
              if (left > 0) return;
            }
            connection.end();
          };
          const head = `PUT / HTTP/1.1\r\nHost: up\r\nContent-Length: ${BYTES}\r\n\r\n`;
          const listener = {
            ...SILENT,
            onUpstreamDrain: send,
            onError: resolve,
            onResponse: (answer: { status: number }) => resolve(answer.status),
          };
          connection.send(
            listener,
            { method: 'PUT', head, hasBody: true, chunked: false, upgrade: false },
            PATIENT,
          );
          send();
        },
      });
    });
    await until('the sender to be held back', () => blocked.times > 0);
    const peer = upstream.peers[0]!;
    let read = 0;
    peer.socket.removeAllListeners('data');
    peer.socket.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > BYTES) peer.send(OK);
    });
    peer.socket.resume();
    expect(await status).toBe(200);
    expect(blocked.bytes).toBeLessThan(65_536 + 2 * PIECE.length);
  });

  it('is held back by a reader that pauses, and not timed then', async () => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\n\r\n${'x'.repeat(BYTES)}`;
    const upstream = await ScriptedUpstream.always(answer);
    const pool = testPool();
    const seen: unknown[] = [];
    const ended = await new Promise((resolve) => {
      pool.connect(upstream.target, 15_000, {
        onConnectFailed: resolve,
        onConnected: (connection) => {
          let bytes = 0;
          const pause = async () => {
            connection.pause();
            const bytesBefore = bytes;
            for (let turns = 0; turns < 20; turns++) await turn();
            seen.push(['paused', bytes - bytesBefore, connection.deadlineMs]);
            connection.resume();
            seen.push(['resumed', connection.deadlineMs > performance.now()]);
          };
          const listener = {
            ...SILENT,
            onResponseData: (chunk: Buffer) => {
              bytes += chunk.length;
              if (bytes > BYTES / 2 && seen.length === 0) {
                seen.push('half');
                void pause();
              }
            },
            onResponseEnd: () => resolve(bytes),
            onError: resolve,
          };
          const head = 'GET / HTTP/1.1\r\nHost: up\r\n\r\n';
          connection.send(
            listener,
            { method: 'GET', head, hasBody: false, chunked: false, upgrade: false },
            PATIENT,
          );
        },
      });
    });
    expect([ended, seen]).toEqual([
      BYTES,
      ['half', ['paused', 0, Number.POSITIVE_INFINITY], ['resumed', true]],
    ]);
  });

  it.each([
    ['before it answers', '', 0],
    ['in its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', 200],
  ])('is limited: it stops %s', async (_, answer, status) => {
    const upstream = await ScriptedUpstream.always(answer);
    const pool = testPool();
    const asked = await askFully(pool, upstream.target, { timeouts: { sendMs: 15_000, readMs: 500 } });
    expect([asked.told.status, asked.told.ending, asked.message, pool.connections]).toEqual([
      status,
      'read_timeout',
      'the upstream does not answer',
      0,
    ]);
  });

  it('is limited: it does not read the request', async () => {
    const upstream = await ScriptedUpstream.start((peer) => void peer.socket.pause());
    const pool = testPool();
    const asked = await askFully(pool, upstream.target, {
      body: 'x'.repeat(BYTES),
      timeouts: { sendMs: 20, readMs: 15_000 },
    });
    expect([asked.told.ending, asked.message, pool.connections]).toEqual([
      'send_timeout',
      'the upstream does not read the request',
      0,
    ]);
  });
});
