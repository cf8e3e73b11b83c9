import type { CapturedBody, CapturedMessage } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { bodyRedactions, bodyText, headerChanges, isSameBody, redactionWord } from './payload-view.ts';

function message(
  headers: CapturedMessage['headers'],
  fields: Partial<CapturedMessage> = {},
): CapturedMessage {
  return { headers, body: null, redactions: [], ...fields };
}

function body(
  content: { text: string } | { base64: string },
  contentType: string | null = null,
): CapturedBody {
  return {
    ...content,
    content_type: contentType,
    content_encoding: null,
    size_bytes: 9,
    captured_bytes: 9,
    truncated: false,
  };
}

describe('headerChanges()', () => {
  it('tells what was added, changed and removed, whatever the case of names', () => {
    const before = message([
      ['Host', 'a'],
      ['Accept', '*/*'],
      ['Via', '1'],
      ['X-Two', 'one'],
      ['x-two', 'two'],
    ]);
    const after = message([
      ['host', 'b'],
      ['accept', '*/*'],
      ['X-Two', 'one'],
      ['X-New', 'n'],
    ]);
    expect(
      headerChanges(after, before).map(({ kind, name, value, was }) => `${kind} ${name}: ${value} ${was}`),
    ).toEqual([
      'changed host: b a',
      'same accept: */* null',
      'same X-Two: one null',
      'added X-New: n null',
      'removed Via: 1 null',
      'removed x-two: two null',
    ]);
  });

  it('says why a value is not shown', () => {
    const masked = message([['Authorization', 'Bearer ****']], {
      redactions: [
        { where: 'headers.authorization', rule: 'authorization', count: 1 },
        { where: 'body', rule: 'card', count: 2 },
        { where: 'body', rule: 'card', count: 1 },
        { where: 'query', rule: 'my_rule', count: 1 },
      ],
    });
    expect(headerChanges(masked, null)).toEqual([
      { name: 'Authorization', value: 'Bearer ****', kind: 'same', was: null, redactedBy: ['authorization'] },
    ]);
    expect(bodyRedactions(masked)).toEqual([
      ['card number', 3],
      ['my rule', 1],
    ]);
  });
});

describe('bodyText()', () => {
  it.each<[string, CapturedBody, 'pretty' | 'raw' | 'hex', string]>([
    [
      'JSON laid out',
      body({ text: '{"a":[1]}' }, 'application/json'),
      'pretty',
      '{\n  "a": [\n    1\n  ]\n}',
    ],
    ['JSON as it came', body({ text: '{"a":[1]}' }, 'application/json'), 'raw', '{"a":[1]}'],
    ['JSON that was cut off', body({ text: '{"a":[1' }, 'application/problem+json'), 'pretty', '{"a":[1'],
    [
      'a form',
      body({ text: 'a=1&b=x%20y' }, 'application/x-www-form-urlencoded'),
      'pretty',
      'a = 1\nb = x y',
    ],
    ['markup as the text it is', body({ text: '<b>hi</b>' }, 'text/html'), 'pretty', '<b>hi</b>'],
    ['bytes as text', body({ base64: btoa('hello') }), 'raw', 'hello'],
    ['bytes that are no Base64', body({ base64: '%%%' }), 'hex', ''],
  ])('%s', (_, given, view, shown) => expect(bodyText(given, view)).toBe(shown));

  it('shows bytes one by one, sixteen a line, and says where it ends', () => {
    const bytes = body({ base64: btoa('Gatescope\u0000\u00ff0123456') });
    expect(bodyText(bytes, 'pretty').split('\n')).toEqual([
      '000000  47 61 74 65 73 63 6f 70 65 00 ff 30 31 32 33 34  Gatescope··01234',
      '000010  35 36                                            56',
    ]);
    const long = { ...body({ text: 'x'.repeat(20_000) }), captured_bytes: 20_000 };
    expect(bodyText(long, 'hex').split('\n').at(-1)).toBe('… the first 16384 of 20000 bytes');
  });
});

it('isSameBody() compares what was captured', () => {
  const one = body({ text: 'a' });
  expect(isSameBody(one, { ...one })).toBe(true);
  expect(isSameBody(one, body({ text: 'b' }))).toBe(false);
  expect(isSameBody(one, body({ base64: 'YQ==' }))).toBe(false);
  expect([isSameBody(null, null), isSameBody(one, null)]).toEqual([true, false]);
});

it('redactionWord() says what a rule masks', () => {
  expect(
    [
      ...[
        'card',
        'name:set-cookie',
        'key_name:apikey',
        'capture.redact[0]',
        'settings.redaction[1]',
        'my_rule',
      ],
    ].map(redactionWord),
  ).toEqual([
    ...['card number', 'set-cookie', 'key apikey', 'rule 1', 'rule 2 of the organisation', 'my rule'],
  ]);
});
