import { expect, it } from 'vitest';
import { targetKey } from './upstream-target.ts';

it('tells targets apart by address and port, again and again, however many there are', () => {
  for (let round = 0; round < 2; round++)
    for (let n = 0; n < 5_000; n++) {
      const target = { address: `10.0.${n >> 8}.${n & 255}`, port: 1 + (n % 3), tls: null };
      expect(targetKey(target)).toBe(`${target.address}|${target.port}`);
      expect(targetKey({ ...target, port: 9_000 })).toBe(`${target.address}|9000`);
    }
});

it('tells TLS from plaintext, and by name, checking and context', () => {
  const tls = { serverName: 'a.test', verify: true, contextKey: 'c' };
  const keys = [
    null,
    tls,
    { ...tls, serverName: 'b.test' },
    { ...tls, serverName: null },
    { ...tls, verify: false },
    { ...tls, contextKey: 'd' },
  ].map((one) => targetKey({ address: '10.0.0.1', port: 443, tls: one }));
  expect(new Set(keys).size).toBe(keys.length);
});
