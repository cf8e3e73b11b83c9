import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, ScriptedUpstream, type Told } from './testing/scripted-upstream.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** Several requests, pipelined: bodies of every framing, extensions, trailers, empty lines between, an upgrade refused. */
const REQUESTS =
  '\r\nGET /a?b=c HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX: \t y \t\r\n\r\n' +
  'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n' +
  '\r\nPOST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '3;n=v\r\na\r\n\r\n0000a;q="x"\r\n0123456789\r\n0\r\nT-Empty:\r\nT-One: \xe9 1 \r\nT-Two:2\r\n\r\n' +
  'GET /d HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n' +
  'HEAD /e HTTP/1.0\r\n\r\n';

/** A response with interim ones before it, as an upstream may send it, and the method it answers. */
const RESPONSES: readonly (readonly [name: string, method: string, bytes: string, closes: boolean])[] = [
  ['by length', 'GET', 'HTTP/1.1 200 Fine enough\r\nX-Empty:\r\nContent-Length: 4\r\n\r\n\r\n\r\n', false],
  [
    'chunked, behind interim ones',
    'GET',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' +
      'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3;n=v\r\na\r\n\r\n00A\r\n0123456789\r\n0\r\nT-Empty:\r\nT: \xc3\xa0 \r\n\r\n',
    false,
  ],
  ['without a body', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nX: \xc3\xa0\t\r\n\r\n', false],
  ['up to the end', 'GET', 'HTTP/1.0 200 OK\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', true],
];

const expectedTold: Record<string, Partial<Told>> = {
  'by length': { reason: 'Fine enough', fields: 'X-Empty: \r\nContent-Length: 4\r\n', body: '\r\n\r\n' },
  'chunked, behind interim ones': {
    interims: [100, 103],
    fields: 'Transfer-Encoding: chunked\r\n',
    body: 'a\r\n0123456789',
    trailers: 'T-Empty: \r\nT: \xc3\xa0\r\n',
  },
  'without a body': { reason: 'OK', fields: 'Content-Length: 4000\r\nX: \xc3\xa0\r\n' },
  'up to the end': { reason: 'OK', fields: 'X: y\r\n', body: 'HTTP/1.1 200 OK\r\n\r\n' },
};

/** Where to cut `length` bytes: up to ten places, in order. */
const cuts = (length: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: length - 1 }), { minLength: 1, maxLength: 10 })
    .map((at) => at.sort((one, other) => one - other));

describe('requests', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.open((test, exchange) =>
      test.read(exchange, (_, body) => {
        const { method, target, host, headers } = exchange.head;
        const { names: trailers, values } = exchange.trailers ?? { names: [], values: [] };
        reply(exchange, JSON.stringify([method, target, host, headers.values, body, trailers, values]));
      }),
    );
  });
  afterAll(() => server.server.close());

  const exchange = async (at: readonly number[]) => {
    const client = await server.connect();
    await client.sendSplit(REQUESTS, at);
    const answer = await client.ended();
    client.destroy();
    return answer;
  };
  let whole: string;

  it('are answered whole', async () => {
    whole = await exchange([]);
    expect(whole).toBe(
      replied('["GET","/a?b=c","a",["a","","y"],"",[],[]]') +
        replied('["POST","/b","a",["a","4"],"\\r\\n\\r\\n",[],[]]') +
        replied(
          '["POST","/c","a",["a","chunked"],"a\\r\\n0123456789",["T-Empty","T-One","T-Two"],["","\xe9 1","2"]]',
        ) +
        replied('["GET","/d","a",["a","upgrade","x"],"",[],[]]') +
        replied('["HEAD","/e",null,[],"",[],[]]', 'close').slice(0, -'["HEAD","/e",null,[],"",[],[]]'.length),
    );
  });

  it('are answered the same, cut in two at every byte', async () => {
    for (let at = 1; at < REQUESTS.length; at++) expect([at, await exchange([at])]).toEqual([at, whole]);
  });

  it('are answered the same, byte by byte', async () => {
    expect(await exchange(Array.from(REQUESTS, (_, at) => at))).toBe(whole);
  });

  it('are answered the same, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(cuts(REQUESTS.length), async (at) => {
        expect(await exchange(at)).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(RESPONSES)('a response %s', (name, method, bytes, closes) => {
  let upstream: ScriptedUpstream;
  let at: readonly number[] = [];
  const pool = new UpstreamPool();
  beforeAll(async () => {
    upstream = await ScriptedUpstream.open(async (peer) => {
      for (let count = 1; ; count++) {
        await peer.holding('\r\n\r\n', count);
        await peer.sendSplit(bytes, at);
        if (closes) peer.finish();
      }
    });
  });
  afterAll(async () => {
    pool.close();
    await upstream.close();
  });

  const expected: Told = {
    interims: [],
    status: 200,
    reason: '',
    fields: '',
    body: '',
    trailers: '',
    ending: 'complete',
    ...expectedTold[name],
  };
  const exchange = (cut: readonly number[]) => {
    at = cut;
    return ask(pool, upstream.target, { method });
  };

  it('is told the same, whole and cut in two at every byte', async () => {
    expect(await exchange([])).toEqual(expected);
    for (let cut = 1; cut < bytes.length; cut++)
      expect([cut, await exchange([cut])]).toEqual([cut, expected]);
  });

  it('is told the same, byte by byte and however it is cut', async () => {
    expect(await exchange(Array.from(bytes, (_, cut) => cut))).toEqual(expected);
    await fc.assert(
      fc.asyncProperty(cuts(bytes.length), async (cut) => {
        expect(await exchange(cut)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
    expect(upstream.peers.length === 1).toBe(!closes);
  });
});
