import { Headers } from '@gatescope/http1';
import { describe, expect, it } from 'vitest';
import { clientOf, isTrusted, trustedNetworks } from './client-ip.ts';

const policy = (header = 'x-forwarded-for', recursive = false) => ({
  trusted: trustedNetworks(['10.0.0.0/8', 'fe80::/10', '127.0.0.1']),
  trustsUnix: false,
  header,
  recursive,
});
const peer = (remoteAddress: string) => ({ remoteAddress, remotePort: 1 });

function told(...values: string[]): Headers {
  const headers = new Headers();
  for (const value of values) headers.append('X-Forwarded-For', value);
  return headers;
}

describe('isTrusted()', () => {
  it.each([
    ['10.1.2.3', true],
    ['11.1.2.3', false],
    ['fe80::1%eth0', true],
    ['2001:db8::1', false],
    ['', false],
    ['unix:', false],
    ['/var/run/proxy.sock', false],
  ])('of %j is %s, and raises nothing', (address, expected) => {
    expect(isTrusted(policy(), address)).toBe(expected);
  });
});

it('isTrusted() of a Unix socket is what was said of those, whatever is said of others', () => {
  const trusting = { ...policy(), trustsUnix: true };
  expect([isTrusted(trusting, 'unix:'), isTrusted(trusting, ''), isTrusted(trusting, '9.9.9.9')]).toEqual([
    ...[true, false, false],
  ]);
  expect(isTrusted({ ...trusting, trusted: null }, 'unix:')).toBe(true);
  expect(clientOf({ ...trusting, trusted: null }, peer('unix:'), told('1.1.1.1')).remoteAddress).toBe(
    '1.1.1.1',
  );
});

describe('clientOf()', () => {
  it.each([
    ['takes the last address of a trusted peer', '10.0.0.1', ['1.1.1.1, 2.2.2.2'], false, '2.2.2.2'],
    ['takes the last that is not trusted', '10.0.0.1', ['1.1.1.1', '2.2.2.2, 10.0.0.9'], true, '2.2.2.2'],
    ['takes the first where all are trusted', '10.0.0.1', ['10.0.0.7, 10.0.0.8'], true, '10.0.0.7'],
    ['stops at what is no address', '10.0.0.1', ['1.1.1.1, nonsense'], true, '10.0.0.1'],
    ['believes nobody else', '9.9.9.9', ['1.1.1.1'], true, '9.9.9.9'],
    ['believes no peer without an address', '', ['1.1.1.1'], true, ''],
    ['keeps the peer where nothing is told', '10.0.0.1', [], true, '10.0.0.1'],
  ])('%s', (_, address, values, recursive, expected) => {
    const found = clientOf(policy('x-forwarded-for', recursive), peer(address), told(...values));
    expect(found.remoteAddress).toBe(expected);
  });
});
