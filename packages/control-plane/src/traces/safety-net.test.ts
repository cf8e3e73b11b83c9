import type { SentPayload } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { SafetyNet } from './safety-net.ts';

const CARD = '4242424242424242';
const MASKED = '*'.repeat(16);
const LINE: LogLine = {
  time_unix_nano: '1',
  level: 'info',
  type: 'plugin',
  source: 'plugin:a',
  message: 'nothing to hide',
  attributes: { a: 1, deep: { b: ['c', true] } },
  trace_id: null,
  span_id: null,
};
const BODY = {
  content_type: 'application/json',
  content_encoding: null,
  size_bytes: 1,
  captured_bytes: 1,
  truncated: false,
};
const payload = (text: string, header: string): SentPayload => ({
  client_request: {
    headers: [['Authorization', header]],
    body: { text, ...BODY },
    redactions: [{ where: 'body', rule: 'card', count: 1 }],
  },
  upstream_request: null,
  upstream_response: {
    headers: [],
    body: { base64: Buffer.from(`\0${text}`).toString('base64'), ...BODY },
    redactions: [],
  },
  client_response: null,
  query: null,
});

describe('SafetyNet', () => {
  it('leaves as it is, and does not count, what a node has redacted', async () => {
    const net = new SafetyNet();
    const detail = {
      lines: [LINE, { ...LINE, message: 'got Bearer ****' }],
      payload: payload(`{"pan":"${MASKED}","token":"****"}`, 'Bearer ****'),
    };
    expect(await net.begin().detail(detail)).toEqual(detail);
    expect(net).toMatchObject({ found: 0, unchecked: 0 });
  });

  it('masks and counts what got past a node', async () => {
    const net = new SafetyNet();
    const lines = [{ ...LINE, message: `card ${CARD}`, attributes: { deep: { b: [CARD] } } }];
    const checked = await net
      .begin()
      .detail({ lines, payload: payload(`{"pan":"${CARD}"}`, 'Bearer abcdefgh') });
    expect(JSON.stringify(checked)).not.toMatch(/4242\D{0,3}4242|abcdefgh/);
    expect(checked.lines[0]).toMatchObject({
      message: `card ${MASKED}`,
      attributes: { deep: { b: [MASKED] } },
    });
    const { body } = checked.payload!.upstream_response!;
    expect(Buffer.from((body as { base64: string }).base64, 'base64').toString()).toBe(
      `\0{"pan":"${MASKED}"}`,
    );
    expect(net.found).toBe(5);
  });

  it('looks through no more than its bound, and counts what it left', async () => {
    const net = new SafetyNet();
    const lines = [
      { ...LINE, message: 'x'.repeat(10), attributes: {} },
      { ...LINE, message: `card ${CARD}`, attributes: {} },
    ];
    expect(await net.begin(20).lines(lines)).toEqual(lines);
    expect(net).toMatchObject({ found: 0, unchecked: 21 });
  });
});
