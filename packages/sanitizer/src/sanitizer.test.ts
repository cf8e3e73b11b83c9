import { ManualClock } from '@gatescope/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TEST_CARDS } from '../testing/cards.ts';
import { createSanitizer, type SanitizerOptions } from './index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The rules of users have all the time that a busy machine needs. */
const clock = new ManualClock();
const plain = createSanitizer({ clock });
const stars = (count: number) => '*'.repeat(count);

function bodyOf(
  text: string,
  contentType: string | null = 'text/plain',
  options: SanitizerOptions = {},
): string {
  return textOf(createSanitizer({ clock, ...options }).body(bytesOf(text), { contentType }).bytes);
}

const maskedHeader = (name: string, value: string) => plain.headers([[name, value]]).headers[0]![1];

describe('Sanitizer.headers()', () => {
  test.each([
    ['Authorization', 'Bearer eyJhbGciOi.J9', 'Bearer ****'],
    ['authorization', 'Basic dXNlcjpwYXNz', 'Basic ****'],
    ['Authorization', 'Digest username="ada", realm="x", response="00"', 'Digest ****'],
    ['Authorization', 'AWS4-HMAC-SHA256 Credential=AKIA/2026, Signature=ab', 'AWS4-HMAC-SHA256 ****'],
    ['Authorization', 'raw-token-without-scheme', '****'],
    ['Authorization', 'se:cret with spaces', '****'],
    ['Proxy-Authorization', 'Negotiate YIIZ', 'Negotiate ****'],
    ['Cookie', 'sid=abc; theme=dark', 'sid=****; theme=****'],
    ['Cookie', 'sid=a=b; empty=; lonely', 'sid=****; empty=; ****'],
    ['Set-Cookie', 'sid=abc; Path=/x; HttpOnly; Max-Age=60', 'sid=****; Path=/x; HttpOnly; Max-Age=60'],
    ['Set-Cookie', 'path=secret; x=secret', 'path=****; x=****'],
    ['X-API-Key', 'k-123', '****'],
    ['apikey', 'k', '****'],
    ['X-Consumer-Username', 'ada', '****'],
    ['X-Consumer-Custom-ID', '42', '****'],
    ['X-Consumer-ID', '42', '****'],
    ['X-Credential-Identifier', '42', '****'],
    ['X-Api-Key', '', ''],
    ['X-Card', '4242-4242-4242-4242', stars(19)],
    ['X-Forwarded-Authorization', 'Bearer eyJhbGciOiJI', 'Bearer ****'],
    [
      'Location',
      'https://ada:pw@example.com/?access_token=abc&x=1',
      'https://****@example.com/?access_token=****&x=1',
    ],
    ['Accept', 'text/html; q=0.5', 'text/html; q=0.5'],
  ])('masks %s: %s', (name, value, expected) => {
    expect(maskedHeader(name, value)).toBe(expected);
  });

  test('keeps names, order and repetitions, and tells what it did', () => {
    const { headers, redactions } = plain.headers([
      ['Host', 'example.com'],
      ['Cookie', 'a=1; b=2'],
      ['X-Trace', '4242424242424242 4111111111111111'],
      ['Authorization', 'Bearer 4242424242424242'],
    ]);
    expect(headers).toEqual([
      ['Host', 'example.com'],
      ['Cookie', 'a=****; b=****'],
      ['X-Trace', `${stars(16)} ${stars(16)}`],
      ['Authorization', 'Bearer ****'],
    ]);
    expect(redactions).toEqual([
      { where: 'headers.cookie', rule: 'name:cookie', count: 2 },
      { where: 'headers.x-trace', rule: 'card', count: 2 },
      { where: 'headers.authorization', rule: 'authorization', count: 1 },
    ]);
  });

  test('masks names of key-auth plugins and of rules, in any case', () => {
    const sanitizer = createSanitizer({
      clock,
      keyNames: ['My-Key'],
      rules: [{ place: 'capture.redact', rules: [{ header: 'X-Email' }, { header: 'authorization' }] }],
    });
    expect(
      sanitizer.headers([
        ['my-key', 'secret'],
        ['x-EMAIL', 'ada@example.com'],
        ['authorization', 'Bearer x'],
      ]),
    ).toEqual({
      headers: [
        ['my-key', '****'],
        ['x-EMAIL', '****'],
        ['authorization', 'Bearer ****'],
      ],
      redactions: [
        { where: 'headers.my-key', rule: 'key_name:my-key', count: 1 },
        { where: 'headers.x-email', rule: 'capture.redact[0]', count: 1 },
        { where: 'headers.authorization', rule: 'authorization', count: 1 },
      ],
    });
  });
});

describe('Sanitizer.body()', () => {
  const form = 'application/x-www-form-urlencoded';
  test.each([
    ['two cards side by side', '4111111111111111 5555555555554444', null, `${stars(16)} ${stars(16)}`],
    ['a card after a number', 'order 7 4242424242424242', null, `order 7 ${stars(16)}`],
    ['a card after a longer number', '12 4242424242424242', null, `12 ${stars(16)}`],
    ['a card beside a stray digit', '%34242424242424242', null, stars(18)],
    ['percent-encoded spaces', 'pan=4242%204242%204242%204242', form, `pan=${stars(25)}`],
    ['plus signs', 'pan=4242+4242+4242+4242&x=1', form, `pan=${stars(19)}&x=1`],
    ['a JSON number', '{"pan":4242424242424242}', 'application/json', `{"pan":${stars(16)}}`],
    ['a JSON string', '{"pan":"4242\\n4242\\u00204242-4242"}', 'application/json', `{"pan":"${stars(25)}"}`],
    ['no number that fails Luhn', '4242424242424241', null, '4242424242424241'],
    [
      'headers that are echoed',
      '{"authorization": "Bearer eyJhbGci", "Cookie":"a=b"}',
      'application/json',
      '{"authorization": "Bearer ****", "Cookie":"a=****"}',
    ],
    [
      'headers that are echoed in lists',
      '{"x-api-key":["a","b"]}',
      'application/json',
      '{"x-api-key":"****"}',
    ],
    ['a number after a secret name', '{"x-consumer-id":42}', 'application/json', '{"x-consumer-id":"****"}'],
    [
      'nothing that is null',
      '{"x-consumer-id":null,"token":"t"}',
      'application/json',
      '{"x-consumer-id":null,"token":"t"}',
    ],
    ['a JSON name with escapes', '{"\\u0061pikey":"secret"}', 'application/json', '{"\\u0061pikey":"****"}'],
    [
      'secrets of a form',
      'user=ada&password=a%26b&client_secret=x',
      form,
      'user=ada&password=****&client_secret=****',
    ],
    ['escaped names of a form', '%61pikey=secret&x=1', form, '%61pikey=****&x=1'],
    [
      'JSON in a JSON string',
      '{"a":"{\\"apikey\\":\\"secret\\"}"}',
      'application/json',
      '{"a":"{\\"apikey\\":\\"****\\"}"}',
    ],
    ['a credential in a text', 'sent Bearer abc.def.123 to it', null, 'sent Bearer **** to it'],
    [
      'no word after a scheme',
      'Basic authentication failed; bearer token missing',
      null,
      'Basic authentication failed; bearer token missing',
    ],
    [
      'a file of header lines',
      'GET / HTTP/1.1\r\nAuthorization: Bearer x y\r\nHost: a\r\n',
      null,
      'GET / HTTP/1.1\r\nAuthorization: Bearer ****\r\nHost: a\r\n',
    ],
  ])('masks %s', (_what, text, contentType, expected) => {
    expect(bodyOf(text, contentType)).toBe(expected);
  });

  test('masks fields of a multipart form by their name, to the end where it is cut', () => {
    const type = 'multipart/form-data; boundary="b 1"';
    const part = (name: string, value: string) =>
      `--b 1\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const text = `${part('apikey', 'line 1\r\nline 2')}${part('pan', '4242424242424242')}${part('password', 'cut')}`;
    expect(bodyOf(text, type)).toBe(
      `${part('apikey', '****')}${part('pan', stars(16))}${part('password', '****')}`,
    );
  });

  test('gives out nothing that it cannot look through', () => {
    for (const [bytes, contentType, reason] of [
      [Uint8Array.of(0x1f, 0x8b, 8), null, 'gzip data'],
      [Uint8Array.of(0xff, 0xfe, 0x34, 0), null, 'UTF-16 text'],
      [bytesOf('%PDF-1.7'), 'application/pdf', 'PDF data'],
      [bytesOf('abc'), 'text/plain; charset=UTF-16LE', 'charset UTF-16LE'],
    ] as const) {
      const { bytes: shown, isScanned, redactions } = plain.body(bytes, { contentType });
      expect(textOf(shown)).toBe(`[not shown, since it could not be scanned: ${reason}]`);
      expect([isScanned, redactions]).toEqual([false, [{ where: 'body', rule: 'not_scanned', count: 1 }]]);
    }
  });

  test('leaves the bytes that it is given as they are, also where their slices share memory', () => {
    class Sharing extends Uint8Array {
      override slice(start?: number, end?: number) {
        return this.subarray(start, end) as Sharing;
      }
    }
    for (const text of [
      '4242424242424242',
      '%34242424242424242',
      'token=abcd 4242424242424242',
      '"sig=abcd"',
    ]) {
      const bytes = new Sharing(new TextEncoder().encode(text));
      const shown = createSanitizer().body(bytes, { contentType: 'text/plain' }).bytes;
      expect(new TextDecoder().decode(shown)).not.toBe(text);
      expect(new TextDecoder().decode(bytes)).toBe(text);
    }
  });

  test('drops digits at the end of what is cut, in any spelling', () => {
    for (const [text, kept] of [
      ['card 4242 4242 424', 'card '],
      ['card 4242424242424242', 'card '],
      ['card 4242%204242%2', 'card '],
      ['"\\u0034242\\u00', '"'],
      ['no digits', 'no digits'],
      [`${'1'.repeat(30)}`, '1'.repeat(12)],
    ] as const) {
      const { bytes, redactions } = plain.body(bytesOf(text), { contentType: null, isCut: true });
      expect(textOf(bytes)).toBe(kept);
      expect(redactions).toEqual(text === kept ? [] : [{ where: 'body', rule: 'cut', count: 1 }]);
    }
    expect(textOf(plain.body(bytesOf('see https://ada:pw'), { contentType: null, isCut: true }).bytes)).toBe(
      'see https://****',
    );
  });

  test('applies patterns to text and to what its escapes spell, beside the floor', () => {
    const options: SanitizerOptions = {
      rules: [{ place: 'rules', rules: [{ pattern: '[a-z.]+@[a-z.]+' }, { pattern: '4242' }] }],
    };
    expect(bodyOf('to ada@example.com', null, options)).toBe('to ****');
    expect(bodyOf('to=ada%40example.com&x=1', null, options)).toBe('to=****&x=1');
    expect(bodyOf('"ada\\u0040example.com"', null, options)).toBe('"****"');
    expect(bodyOf('4242424242424242', null, options)).toBe('****');
    expect(bodyOf('4111111111111111', null, options)).toBe(stars(16));
    const cut = createSanitizer({ clock, ...options }).body(bytesOf('to ada@exam'), {
      contentType: null,
      isCut: true,
    });
    expect(textOf(cut.bytes)).toBe('to ');
  });

  test('masks what paths select in JSON, wherever it is, and fails closed where it is not JSON', () => {
    const options: SanitizerOptions = {
      rules: [{ place: 'rules', rules: [{ json_path: '$.user.email' }, { json_path: '$..ssn' }] }],
    };
    const body = (text: string, type: string | null) => bodyOf(text, type, options);
    const json = '{"user":{"email":"ada@example.com","age":36},"ssn":123}';
    const shown = '{"user":{"email":"****","age":36},"ssn":"****"}';
    for (const type of ['application/json', 'application/problem+json; charset=utf-8', null, 'text/plain'])
      expect(body(json, type)).toBe(shown);
    expect(body(`${json}\n${json}\n`, 'application/x-ndjson')).toBe(`${shown}\n${shown}\n`);
    expect(body(`data: ${json}\n\ndata: [DONE]\n\n`, 'text/event-stream')).toBe(
      `data: ${shown}\n\ndata: [DONE]\n\n`,
    );
    const part = '--x\r\nContent-Type: application/json\r\n\r\n';
    expect(body(`${part}${json}\r\n--x--`, 'multipart/mixed; boundary=x')).toBe(`${part}${shown}\r\n--x--`);
    expect(body('{"user":{"email":"ada@exa', 'application/json')).toBe('{"user":{"email":"****"');
    expect(body('{"a":1}; ada@example.com', 'application/json')).toBe('{"a":1}****');
    expect(body('ssn 123', 'text/plain')).toBe('ssn 123');
  });

  test('masks a planted card in any text, whatever rules there are, and the rest is as it was without', () => {
    const sanitizer = createSanitizer({
      clock,
      keyNames: ['k'],
      rules: [{ place: 'r', rules: [{ pattern: 'q' }] }],
    });
    const spellings = [
      (card: string) => card,
      (card: string) => JSON.stringify({ pan: Number(card), a: [card] }),
      (card: string) => JSON.stringify(card.match(/.{1,4}/g)!.join('\n')),
      (card: string) => [...card].map((digit) => `\\u003${digit}`).join(''),
      (card: string) => `pan=${card.match(/.{1,4}/g)!.join('+')}`,
      (card: string) => encodeURIComponent(card.match(/.{1,4}/g)!.join(' ')),
      (card: string) => card.match(/.{1,4}/g)!.join('-'),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(TEST_CARDS).filter((card) => card.length <= 16)),
        fc.constantFrom(...spellings),
        fc.string(),
        fc.string(),
        (card, spelled, before, after) => {
          const text = `${before}|${spelled(card)}|${after}`;
          for (const candidate of [plain, sanitizer]) {
            const masked = textOf(candidate.body(bytesOf(text), { contentType: null }).bytes);
            const digits = (masked.match(/\\u003\d|\d/g) ?? []).map((digit) => digit.at(-1)).join('');
            const others = `${before}${after}`.replace(/[^0-9]/g, '');
            if (!others.includes(card)) expect(digits).not.toContain(card);
            expect(masked).not.toContain(spelled(card));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('Sanitizer.text()', () => {
  test.each([
    [
      'connect to redis://default:pw@127.0.0.1:6379/0 failed',
      'connect to redis://****@127.0.0.1:6379/0 failed',
    ],
    ['GET /a?apikey=k-1&x=2 HTTP/1.1', 'GET /a?apikey=****&x=2 HTTP/1.1'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic ****'],
    ["{'Authorization': 'Bearer x'}", "{'Authorization': 'Bearer ****'}"],
    ['card 4242 4242 4242 4242 refused', `card ${stars(19)} refused`],
    ['HTTP_X_API_KEY=abc x-api-key: def, x', 'HTTP_X_API_KEY=**** x-api-key: ****, x'],
    ['plain 12 words = fine: really', 'plain 12 words = fine: really'],
  ])('masks %s', (text, expected) => {
    expect(plain.text(text).text).toBe(expected);
  });

  test('names the place that it was given', () => {
    expect(plain.text('4242424242424242', 'url.full').redactions).toEqual([
      { where: 'url.full', rule: 'card', count: 1 },
    ]);
  });

  test('keeps any text that holds no secret', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^0-9:=]*$/), (text) => {
        expect(plain.text(text)).toEqual({ text, redactions: [] });
      }),
    );
  });
});

test('createSanitizer() says where every wrong rule is wrong', () => {
  expect(() =>
    createSanitizer({
      rules: [
        { place: 'capture.redact', rules: [{ header: 'a b' }, { pattern: 'a(' }] },
        { place: 'rules', rules: [{ header: 'x' }, { pattern: '(?=x)' }] },
      ],
    }),
  ).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      details: [
        expect.objectContaining({ path: 'capture.redact[0].header' }),
        expect.objectContaining({ path: 'capture.redact[1].pattern', column: 2 }),
        expect.objectContaining({ path: 'rules[1].pattern', column: 1 }),
      ],
    }),
  );
});
