import { describe, expect, it } from 'vitest';
import { parseListen } from './listen-address.ts';

const PLAIN = { path: null, ssl: false, http2: false, backlog: 511 };

describe('parseListen()', () => {
  it.each([
    ['off', []],
    ['0.0.0.0:8000', [{ ...PLAIN, host: '0.0.0.0', port: 8000 }]],
    [
      '127.0.0.1:8000 reuseport, [::1]:8443 http2 ssl backlog=9',
      [
        { ...PLAIN, host: '127.0.0.1', port: 8000 },
        { ...PLAIN, host: '::1', port: 8443, ssl: true, http2: true, backlog: 9 },
      ],
    ],
    [
      'unix:/run/gateway.sock, unix:/run/secure.sock ssl',
      [
        { ...PLAIN, host: '', port: 0, path: '/run/gateway.sock' },
        { ...PLAIN, host: '', port: 0, path: '/run/secure.sock', ssl: true },
      ],
    ],
  ])('reads %s', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });

  it.each([
    ['8000', '8000 is no address; write host:port, such as 0.0.0.0:8000'],
    ['0.0.0.0:70000', '0.0.0.0:70000 is no address; write host:port, such as 0.0.0.0:8000'],
    ['0.0.0.0:8000 slow', 'unknown flag slow in 0.0.0.0:8000 slow'],
    ['unix:', 'unix: has no path of 1 to 107 bytes, such as unix:/run/gateway.sock'],
    [
      `unix:/${'x'.repeat(107)}`,
      `unix:/${'x'.repeat(107)} has no path of 1 to 107 bytes, such as unix:/run/gateway.sock`,
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseListen(text)).toThrow(message);
  });
});
