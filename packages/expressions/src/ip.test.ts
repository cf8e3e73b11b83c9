import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideOf, parseIp, parseNetwork } from './ip.ts';

const addressText = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(...'0123456789abf:.'), maxLength: 24 }),
  fc
    .array(fc.constantFrom('0', '1', 'ffff', '::', ':', '10.0.0.1', '.', 'g'), { maxLength: 12 })
    .map((parts) => parts.join('')),
);

describe('parseIp()', () => {
  it.each<[string, number[]]>([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['255.1.20.0', [255, 1, 20, 0]],
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['2001:DB8::ff00', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0]],
    ['::ffff:10.0.0.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]],
  ])('reads %s', (text, bytes) => {
    expect(parseIp(text)).toEqual(Uint8Array.from(bytes));
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '+1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    '::g',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:8',
    '10.0.0.1::',
    '::10.0.0.1:2',
    'fe80::1%eth0',
  ])('takes %j for none', (text) => {
    expect(parseIp(text)).toBeNull();
  });

  it('knows the addresses that the platform knows', () => {
    fc.assert(
      fc.property(addressText, (text) => {
        expect(parseIp(text)?.length).toBe({ 0: undefined, 4: 4, 6: 16 }[isIP(text)]);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('parseNetwork()', () => {
  it.each<[string, number[], number]>([
    ['10.0.0.0/8', [10, 0, 0, 0], 8],
    ['0.0.0.0/0', [0, 0, 0, 0], 0],
    ['10.1.2.3/32', [10, 1, 2, 3], 32],
    ['172.16.0.0/12', [172, 16, 0, 0], 12],
    ['2001:db8::/32', [0x20, 1, 0x0d, 0xb8, ...Array(12).fill(0)], 32],
    ['::1/128', [...Array(15).fill(0), 1], 128],
    ['10.1.2.3', [10, 1, 2, 3], 32],
  ])('reads %s', (text, bytes, prefix) => {
    expect(parseNetwork(text)).toEqual({ bytes: Uint8Array.from(bytes), prefix });
  });

  it.each([
    ['10.0.0.1/8', 'bits behind the prefix are set'],
    ['10.0.0.128/24', 'bits behind the prefix are set'],
    ['2001:db8::1/64', 'bits behind the prefix are set'],
    ['10.0.0.0/33', '/33 is longer than the address'],
    ['::/129', '/129 is longer than the address'],
    ['0.0.0.0/', '/ is no prefix'],
    ['0.0.0.0/x', '/x is no prefix'],
    ['0.0.0.0/-1', '/-1 is no prefix'],
    ['0.0.0.0/8.5', '/8.5 is no prefix'],
    ['0.0.0.0/1e1', '/1e1 is no prefix'],
    ['0.0.0.0/8/8', '/8/8 is no prefix'],
    ['example.com/8', 'example.com is no address'],
    ['/8', ' is no address'],
  ])('says what is wrong with %s', (text, wrong) => {
    expect(parseNetwork(text)).toBe(wrong);
  });
});

describe('insideOf()', () => {
  it('agrees with the platform on what lies in a network', () => {
    const ip = fc.oneof(
      fc.ipV4().map((text) => ['ipv4', text, 32] as const),
      fc.ipV6().map((text) => ['ipv6', text, 128] as const),
    );
    fc.assert(
      fc.property(ip, ip, fc.nat(128), fc.boolean(), ([family, text, bits], other, anyPrefix, near) => {
        const prefix = anyPrefix % (bits + 1);
        const bytes = parseIp(text)!;
        // An address of the network, or any other one.
        const candidate = near ? Uint8Array.from(bytes) : parseIp(other[1])!;
        if (near) candidate[candidate.length - 1]! ^= anyPrefix;
        for (let bit = prefix; bit < bits; bit++) bytes[bit >> 3]! &= ~(0x80 >> (bit & 7));
        const list = new BlockList();
        list.addSubnet(textOf(bytes), prefix, family);
        const expected =
          candidate.length === bytes.length &&
          list.check(textOf(candidate), candidate.length === 4 ? 'ipv4' : 'ipv6');
        expect(insideOf({ bytes, prefix })(candidate)).toBe(expected);
      }),
    );
  });
});

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  return groups.map((group) => group.toString(16)).join(':');
}
