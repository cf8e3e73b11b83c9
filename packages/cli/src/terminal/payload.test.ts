import type { Payload } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { payloadText } from './payload.ts';

const BODY = {
  content_type: 'text/plain',
  content_encoding: null,
  size_bytes: 100,
  captured_bytes: 5,
  truncated: true,
};

describe('payloadText()', () => {
  it('shows each message with its headers, its body, how much of it there is, and what was masked', () => {
    const payload: Payload = {
      client_request: {
        headers: [['Authorization', 'Bearer ****']],
        body: { text: 'one\ntwo', ...BODY },
        redactions: [{ where: 'headers.authorization', rule: 'authorization', count: 1 }],
      },
      upstream_request: null,
      upstream_response: { headers: [], body: { base64: 'AAE=', ...BODY, truncated: false }, redactions: [] },
      client_response: null,
    };
    const text = payloadText(payload);
    expect(text).toContain('Authorization: Bearer ****\n\none\ntwo\n');
    expect(text).toContain('5 of 100 bytes were captured');
    expect(text).toContain('masked: headers.authorization authorization (1)');
    expect(text).toContain('(Base64) AAE=');
    expect(text.match(/none was sent/g)).toHaveLength(2);
  });

  it('lets nothing captured steer the terminal', () => {
    const message = {
      headers: [['a', '\u001b]0;x\u0007']] as [string, string][],
      body: { text: '\u001b[2J', ...BODY },
      redactions: [],
    };
    const text = payloadText({
      client_request: message,
      upstream_request: null,
      upstream_response: null,
      client_response: null,
    });
    expect(text).not.toContain('\u001b]0;');
    expect(text).not.toContain('\u001b[2J');
  });
});
