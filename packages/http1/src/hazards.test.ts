import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isHopByHop } from './headers.ts';
import { ask, ScriptedUpstream, testPool } from './testing/scripted-upstream.ts';
import { replied, reply, TestServer } from './testing/test-server.ts';

/**
 * Bytes that two implementations have been seen to read in two ways. Each is refused with a status and the connection closed, so
 * that what follows is never taken for a request.
 */
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n';

const get = (fields: string) => `GET / HTTP/1.1\r\n${fields}\r\n`;
const post = (fields: string, body = '') => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
const line = (text: string) => `${text}\r\nHost: a\r\n\r\n`;

type Hazards = readonly (readonly [what: string, bytes: string])[];

const FRAMING: Hazards = [
  [
    'Content-Length before Transfer-Encoding',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  ],
  [
    'Transfer-Encoding before Content-Length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
  ],
  [
    'Content-Length: 0 beside Transfer-Encoding',
    post('Content-Length: 0\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  ],
  ['two equal lengths', post('Content-Length: 3\r\nContent-Length: 3', 'abc')],
  ['two lengths', post('Content-Length: 3\r\nContent-Length: 30', 'abc')],
  ['two lengths in any case', post('content-length: 3\r\nCONTENT-LENGTH: 3', 'abc')],
  ...['3, 3', '3,3', '+3', '-3', '3 3', '0x3', '3;', '3.0', '3e0', '', ' ', '\x0b3', '３', 'three'].map(
    (length) =>
      [`Content-Length: ${JSON.stringify(length)}`, post(`Content-Length: ${length}`, 'abc')] as const,
  ),
  ['a length beyond 64 bits', post('Content-Length: 18446744073709551619', 'abc')],
  ['a length that a double can not hold', post('Content-Length: 9007199254740993', 'abc')],
  ...[
    'gzip',
    'identity',
    'chunked, gzip',
    'gzip, chunked',
    'chunked, chunked',
    'chunked\r\nTransfer-Encoding: chunked',
    'chunked\r\nTransfer-Encoding: identity',
    'identity\r\nTransfer-Encoding: chunked',
    'xchunked',
    'chunkedx',
    'chunked;q=1',
    '"chunked"',
    ',chunked',
    'chunked,',
    '\x0bchunked',
    '',
  ].map(
    (coding) =>
      [
        `Transfer-Encoding: ${JSON.stringify(coding)}`,
        post(`Transfer-Encoding: ${coding}`, '0\r\n\r\n'),
      ] as const,
  ),
  ['Transfer-Encoding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a space before the colon of a length', post('Content-Length : 3', 'abc')],
  ['a space before the colon of a coding', post('Transfer-Encoding : chunked', '0\r\n\r\n')],
  ['a folded coding', post('Transfer-Encoding:\r\n chunked', '0\r\n\r\n')],
];

const LINES: Hazards = [
  ['a space before the colon', get('Host: a\r\nX : y\r\n')],
  ['a tab before the colon', get('Host: a\r\nX\t: y\r\n')],
  ['a space before the first field', get(' Host: a\r\n')],
  ['a folded line', get('Host: a\r\nX: y\r\n z\r\n')],
  ['a line folded by a tab', get('Host: a\r\nX: y\r\n\tz\r\n')],
  ['an empty line folded', get('Host: a\r\nX:\r\n z\r\n')],
  ['a bare LF between fields', get('Host: a\nX: y\r\n')],
  ['a bare LF behind the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['a bare LF at the end of the head', 'GET / HTTP/1.1\r\nHost: a\r\n\n\r\n\r\n'],
  ['bare LFs alone', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['a bare CR in a value', get('Host: a\r\nX: y\rZ: z\r\n')],
  ['a bare CR at the end of the head', 'GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n'],
  ['two CRs', get('Host: a\r\r\nX: y\r\n')],
  ['NUL in a value', get('Host: a\r\nX: y\0z\r\n')],
  ['NUL in a name', get('Host: a\r\nX\0: y\r\n')],
  ['NUL in the target', line('GET /\0 HTTP/1.1')],
  ['a control character in a value', get('Host: a\r\nX: \x01\r\n')],
  ['DEL in a value', get('Host: a\r\nX: \x7f\r\n')],
  ['a name without a colon', get('Host: a\r\nX\r\n')],
  ['an empty name', get('Host: a\r\n: y\r\n')],
  ['a name that is no token', get('Host: a\r\nX(y): z\r\n')],
  ['a name beyond ASCII', get('Host: a\r\nX\xe9: y\r\n')],
  ['two Hosts', get('Host: a\r\nHost: a\r\n')],
  ['no Host', get('X: y\r\n')],
  ['no field at all', 'GET / HTTP/1.1\r\n\r\n'],
  ['a list of hosts', get('Host: a, b\r\n')],
  ['a Host with a path', get('Host: a/b\r\n')],
  ['a Host with userinfo', get('Host: u@a\r\n')],
];

const REQUEST_LINES: Hazards = [
  ['a line feed before it', line('\nGET / HTTP/1.1')],
  ['a line feed before a refused method', line('\nTRACE / HTTP/1.1')],
  ['a carriage return before it', line('\rGET / HTTP/1.1')],
  ['empty lines and a bare line feed before it', line('\r\n\r\n\nGET / HTTP/1.1')],
  ['a space before it', line(' GET / HTTP/1.1')],
  ['two spaces behind the method', line('GET  / HTTP/1.1')],
  ['a tab behind the method', line('GET\t/ HTTP/1.1')],
  ['two spaces behind the target', line('GET /  HTTP/1.1')],
  ['a space in the target', line('GET /a b HTTP/1.1')],
  ['a space behind the version', line('GET / HTTP/1.1 ')],
  ['a byte beyond ASCII in the target', line('GET /\xe9 HTTP/1.1')],
  ['a fragment', line('GET /a#b HTTP/1.1')],
  ['an unknown method', line('HACK / HTTP/1.1')],
  ['a method in small letters', line('get / HTTP/1.1')],
  ['a method of another protocol', line('DESCRIBE / HTTP/1.1')],
  ['a version in small letters', line('GET / http/1.1')],
  ['a version without a dot', line('GET / HTTP/11')],
  ['a version with more digits', line('GET / HTTP/1.10')],
  ['HTTP/1.2', line('GET / HTTP/1.2')],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['another protocol', line('GET / RTSP/1.0')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['* for another method than OPTIONS', line('GET * HTTP/1.1')],
  ['an authority', line('GET a:80 HTTP/1.1')],
  ['a target without a slash', line('GET a HTTP/1.1')],
  ['an absolute target of another scheme', line('GET ftp://a/ HTTP/1.1')],
  ['an absolute target without a host', line('GET http:///a HTTP/1.1')],
  ['an absolute target with userinfo', line('GET http://u@a/ HTTP/1.1')],
  ['an absolute target with userinfo and a password', line('GET http://u:p@a/ HTTP/1.1')],
  ['an absolute target with a backslash', line('GET http://a\\b/ HTTP/1.1')],
  ['a TLS handshake', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['binary noise', '\0\x01\x02'],
];

const CHUNKS: Hazards = [
  ['no size', chunked('\r\nabc\r\n0\r\n\r\n')],
  ...['0x3', '+3', '-3', ' 3', '3 ', '3\t', '3_', 'g', '3g', '3.', '\0' + '3'].map(
    (size) => [`the size ${JSON.stringify(size)}`, chunked(`${size}\r\nabc\r\n0\r\n\r\n`)] as const,
  ),
  ['a size beyond 64 bits', chunked('10000000000000003\r\nabc\r\n0\r\n\r\n')],
  ['a size smaller than the chunk', chunked('2\r\nabc\r\n0\r\n\r\n')],
  ['a size larger than the chunk', chunked('4\r\nabc\r\n0\r\n\r\n')],
  ['no line end behind the chunk', chunked('3\r\nabc0\r\n\r\n')],
  ['a bare LF behind the size', chunked('3\nabc\r\n0\r\n\r\n')],
  ['a bare LF behind the chunk', chunked('3\r\nabc\n0\r\n\r\n')],
  ['a bare CR behind the chunk', chunked('3\r\nabc\r0\r\n\r\n')],
  ['a bare LF behind the last size', chunked('3\r\nabc\r\n0\n\r\n')],
  ['a bare LF at the end', chunked('3\r\nabc\r\n0\r\n\n')],
  ['bare LFs alone', chunked('3\nabc\n0\n\n')],
  ['a bare LF in an extension', chunked('3;a\nb\r\nabc\r\n0\r\n\r\n')],
  ['a bare CR in an extension', chunked('3;a\rb\r\nabc\r\n0\r\n\r\n')],
  ['NUL in an extension', chunked('3;a\0\r\nabc\r\n0\r\n\r\n')],
  ['an extension without a name', chunked('3;\r\nabc\r\n0\r\n\r\n')],
  ['a space before an extension', chunked('3 ;a\r\nabc\r\n0\r\n\r\n')],
  ['an open quote in an extension', chunked('3;a="b\r\nabc\r\n0\r\n\r\n')],
  ['a trailer with a space before the colon', chunked('0\r\nX : y\r\n\r\n')],
  ['a folded trailer', chunked('0\r\nX: y\r\n z\r\n\r\n')],
  ['a bare LF in a trailer', chunked('0\r\nX: y\nZ: z\r\n\r\n')],
  ['NUL in a trailer', chunked('0\r\nX: \0\r\n\r\n')],
  ['a length among the trailers', chunked('0\r\nContent-Length: 40\r\n\r\n')],
  ['a coding among the trailers', chunked('0\r\nTransfer-Encoding: chunked\r\n\r\n')],
  ['trailers without end', chunked(`0\r\n${'X: y\r\n'.repeat(10_000)}`)],
  ['extensions without end', chunked(`${'1;a=b\r\nc\r\n'.repeat(1_000)}1;${'x'.repeat(40_000)}`)],
];

describe.each([
  ['framing', FRAMING],
  ['field lines', LINES],
  ['request lines', REQUEST_LINES],
  ['chunks', CHUNKS],
] as const)('dangerous %s', (_, hazards) => {
  let server: TestServer;
  const answered: string[] = [];
  beforeAll(async () => {
    server = await TestServer.open((test, exchange) =>
      test.read(exchange, () => {
        answered.push(exchange.head.target);
        reply(exchange, 'passed');
      }),
    );
  });
  afterAll(() => server.server.close());
  beforeEach(() => {
    answered.length = 0;
  });

  it.each(hazards)('%j: refused and closed, whole and byte by byte', async (_what, bytes) => {
    expect(verdict(await server.tell(bytes + SMUGGLED))).toBe('400');
    const sent = bytes.length > 1_000 ? [1, bytes.length >> 1] : Array.from(bytes, (__, at) => at);
    const client = await server.connect();
    await client.sendSplit(bytes + SMUGGLED, sent);
    expect(verdict(await client.ended())).toBe('400');
    client.destroy();
    expect(answered).toEqual([]);
    await server.idle();
  });
});

/** The status of an answer that closes, if that is all there is; all of it otherwise. */
function verdict(answer: string): string {
  const parts =
    /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?Content-Length: (\d+)\r\nConnection: close\r\n\r\n([^\r]*)$/.exec(
      answer,
    );
  return parts !== null && parts[3]!.length === Number(parts[2]) ? parts[1]! : answer;
}

describe('what is not served', () => {
  it.each([
    ['405', line('CONNECT a:80 HTTP/1.1')],
    ['405', line('TRACE / HTTP/1.1')],
    ['505', line('GET / HTTP/2.0')],
    ['505', line('GET / HTTP/0.9')],
    ['417', post('Expect: the-unexpected\r\nContent-Length: 1', 'a')],
  ])('is refused with %s: %j', async (status, bytes) => {
    const server = await TestServer.answering((exchange) => reply(exchange, 'passed'));
    expect(verdict(await server.tell(bytes + SMUGGLED))).toBe(status);
  });
});

describe('what looks dangerous and is not', () => {
  it.each([
    ['leading zeros of a length', post('Content-Length: 003\r\nConnection: close', 'abc'), 'POST / a abc'],
    ['spaces around a length', post('Content-Length:   3  \r\nConnection: close', 'abc'), 'POST / a abc'],
    [
      'CHUNKED',
      post('Transfer-Encoding: CHUNKED \r\nConnection: close', '3\r\nabc\r\n000\r\n\r\n'),
      'POST / a abc',
    ],
    ['an underscore', post('Transfer_Encoding: chunked\r\nConnection: close'), 'POST / a '],
    ['seven empty lines', `${'\r\n'.repeat(7)}${get('Host: a\r\nConnection: close\r\n')}`, 'GET / a '],
    ['no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 'GET / undefined '],
    ['an empty Host', get('Host:\r\nConnection: close\r\n'), 'GET /  '],
    [
      'an absolute target',
      'GET HTTP://b:8080/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'GET /x?y b:8080 ',
    ],
    [
      'an absolute target without a path',
      'GET https://b?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'GET /?y b ',
    ],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'OPTIONS * a '],
    [
      'an extension',
      post('Transfer-Encoding: chunked\r\nConnection: close', '3;a=b;c="d;e"\r\nabc\r\n0;f\r\n\r\n'),
      'POST / a abc',
    ],
  ])('%s passes', async (_, bytes, seen) => {
    const server = await TestServer.answering((exchange, body) => {
      const { method, target, host } = exchange.head;
      reply(exchange, `${method} ${target} ${host} ${body}`);
    });
    expect(await server.tell(bytes)).toBe(replied(seen, 'close'));
  });
});

describe('a dangerous response', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';

  it.each([
    [
      'Content-Length before Transfer-Encoding',
      `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'Transfer-Encoding before Content-Length',
      `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    ],
    ['two equal lengths', `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
    ['a list of lengths', `${OK}Content-Length: 1, 1\r\n\r\na`],
    ['a signed length', `${OK}Content-Length: +1\r\n\r\na`],
    ['a negative length', `${OK}Content-Length: -1\r\n\r\na`],
    ['no length', `${OK}Content-Length:\r\n\r\na`],
    ['a length that a double can not hold', `${OK}Content-Length: 9007199254740993\r\n\r\na`],
    ['an unknown coding', `${OK}Transfer-Encoding: gzip\r\n\r\na`],
    ['a coding before chunked', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded line', `${OK}X: y\r\n z\r\n\r\n`],
    ['a space before the colon', `${OK}X : y\r\n\r\n`],
    ['a bare LF', `${OK}X: y\nZ: z\r\n\r\n`],
    ['bare LFs alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a bare CR', `${OK}X: y\rZ: z\r\n\r\n`],
    ['NUL', `${OK}X: \0\r\n\r\n`],
    ['a control character in the reason', 'HTTP/1.1 200 \x01\r\n\r\n'],
    ['an empty line before it', `\r\n${OK}\r\n`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.0\r\n'],
    ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    [
      '101 that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['interim responses without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(200)],
    ['a head without end', `${OK}${'X: y\r\n'.repeat(20_000)}`],
    ['too many fields', `${OK}${'X: y\r\n'.repeat(1_001)}\r\n`],
  ])('is an error before anything is passed on: %s', async (_, bytes) => {
    const upstream = await ScriptedUpstream.answering(bytes);
    const pool = testPool();
    const { status, body, ending } = await ask(pool, upstream.target);
    expect([status, body, ending, pool.connections]).toEqual([0, '', 'invalid_response', 0]);
    await upstream.peers[0]!.ended();
  });

  it.each(CHUNKS.map(([what, bytes]) => [what, bytes.slice(bytes.indexOf('\r\n\r\n') + 4)] as const))(
    'is an error, and its connection closed: chunks with %s',
    async (_, chunks) => {
      const upstream = await ScriptedUpstream.answering(
        `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks}${OK}\r\n`,
      );
      const pool = testPool();
      const { status, ending } = await ask(pool, upstream.target);
      expect([status, ending, pool.connections]).toEqual([200, 'invalid_response', 0]);
      await upstream.peers[0]!.ended();
    },
  );
});

describe('isHopByHop()', () => {
  it('names the fields of one connection, those listed in Connection too', () => {
    const seen = (connection: string | undefined) =>
      ['te', 'upgrade', 'keep-alive', 'x', 'x-secret', 'close'].filter((name) =>
        isHopByHop(name, connection),
      );
    expect(seen(undefined)).toEqual(['te', 'upgrade', 'keep-alive']);
    expect(seen('X')).toEqual(['te', 'upgrade', 'keep-alive', 'x']);
    expect(seen('X-Secret')).toEqual(['te', 'upgrade', 'keep-alive', 'x-secret']);
    expect(seen('close')).toEqual(['te', 'upgrade', 'keep-alive', 'close']);
    expect(seen('keep-alive,\tX-SECRET ,x')).toEqual(['te', 'upgrade', 'keep-alive', 'x', 'x-secret']);
    expect(seen('xx, x-secrets')).toEqual(['te', 'upgrade', 'keep-alive']);
  });
});
