import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, hashPassword, isPassword, newSecret, nodeOfToken, nodeToken, sameText } from './secrets.ts';

describe('nodeToken()', () => {
  it('names its node, whatever it is called, to who has the secret alone', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (node, secret, other) => {
          const token = nodeToken(secret, node);
          expect(nodeOfToken(secret, token)).toBe(node);
          if (other !== secret) expect(nodeOfToken(other, token)).toBeNull();
        },
      ),
    );
  });

  it('can not be made of anything else', () => {
    const token = nodeToken('secret', 'node-1');
    const [, signature] = token.split('.');
    const made = [
      `${Buffer.from('node-2').toString('base64url')}.${signature}`,
      `${token}.`,
      `${token}=`,
      token.slice(0, -1),
      '',
      '.',
    ];
    expect(made.map((text) => nodeOfToken('secret', text))).toEqual(made.map(() => null));
    fc.assert(fc.property(fc.string(), (text) => nodeOfToken('secret', text) === null));
  });
});

describe('newSecret()', () => {
  it('has 256 bits that are new each time', () => {
    const secrets = Array.from({ length: 100 }, () => newSecret('gst'));
    expect(new Set(secrets).size).toBe(100);
    expect(Buffer.from(secrets[0]!.slice(4), 'base64url')).toHaveLength(32);
    expect(hashOf(secrets[0]!)).not.toContain(secrets[0]!.slice(4));
  });
});

describe('isPassword()', () => {
  it('knows the password, however its letters are composed, and no other', async () => {
    const stored = await hashPassword('Pa\u0308ssword 1');
    const tried = ['Pa\u0308ssword 1', 'P\u00e4ssword 1', 'Passwort 1', ''];
    expect(await Promise.all(tried.map((text) => isPassword(text, stored)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is kept with a salt of its own', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });
});

describe('sameText()', () => {
  it('compares texts of any length', () => {
    expect([sameText('a', 'a'), sameText('a', 'b'), sameText('a', 'aa'), sameText('', '')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
