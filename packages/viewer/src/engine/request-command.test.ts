import type { CapturedMessage } from '@gatescope/protocol';
import { expect, it } from 'vitest';
import { requestCommand } from './request-command.ts';
import { sampleSummary } from './testing/sample-trace.ts';

const MESSAGE: CapturedMessage = {
  headers: [
    ['Host', 'shop.test'],
    ['Authorization', 'Bearer ****'],
    ['X-Api-Key', '****'],
    ['X-Note', "it's $HOME"],
    ['Content-Length', '9'],
  ],
  body: {
    text: '{"a":"b"}',
    ...{
      content_type: 'application/json',
      content_encoding: null,
      size_bytes: 9,
      captured_bytes: 9,
      truncated: false,
    },
  },
  redactions: [
    { where: 'headers.authorization', rule: 'authorization', count: 1 },
    { where: 'headers.x-api-key', rule: 'name:x-api-key', count: 1 },
  ],
};

it('requestCommand() sends what was captured again, with variables for what was masked', () => {
  const summary = sampleSummary({ method: 'POST', host: 'shop.test', path: '/orders' });
  expect(requestCommand(summary, 'https', MESSAGE).split(' \\\n  ')).toEqual([
    'curl -X POST https://shop.test/orders',
    '-H "Authorization: $AUTHORIZATION"',
    '-H "X-Api-Key: $X_API_KEY"',
    "-H 'X-Note: it'\\''s $HOME'",
    `--data-raw '{"a":"b"}'`,
  ]);
});

it('requestCommand() leaves a body out that was cut', () => {
  const cut = { ...MESSAGE, headers: [], body: { ...MESSAGE.body!, truncated: true } };
  expect(requestCommand(sampleSummary(), 'http', cut)).toBe('curl http://api.example.com/orders');
});

it('requestCommand() without a payload has the one header that says who', () => {
  expect(requestCommand(sampleSummary({ consumer: 'alice' }), '', null)).toBe(
    'curl http://api.example.com/orders \\\n  -H "Authorization: $AUTHORIZATION"',
  );
});

it('requestCommand() quotes what others sent, and takes no method that is none', () => {
  const hostile = sampleSummary({ method: '; rm -rf /', host: null, path: "/a'; reboot; '" });
  expect(requestCommand(hostile, 'javascript', null)).toBe(`curl 'http://localhost/a'\\''; reboot; '\\'''`);
});
