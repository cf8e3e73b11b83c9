import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newAuthority, newCertificate, validFor } from './certificate-maker.ts';

const leaf = {
  name: 'edge',
  usages: ['client'] as const,
  hosts: ['edge', '10.0.0.7'],
  validity: validFor(5),
};

describe('newCertificate()', () => {
  it('is one that its authority issued, with the names and addresses asked for', async () => {
    const authority = await newAuthority('eu authority', validFor(10));
    const certificate = new X509Certificate((await newCertificate(authority, leaf)).cert);
    const issuer = new X509Certificate(authority.cert);
    expect([certificate.checkIssued(issuer), certificate.verify(issuer.publicKey)]).toEqual([true, true]);
    expect([issuer.ca, certificate.ca, certificate.subject]).toEqual([true, false, 'CN=edge']);
    expect([certificate.checkHost('edge'), certificate.checkIP('10.0.0.7')]).toEqual(['edge', '10.0.0.7']);
  });

  it('has another name than its authority: else it is taken for self-signed', async () => {
    const authority = await newAuthority('edge', validFor(10));
    await expect(newCertificate(authority, leaf)).rejects.toThrow('choose another name');
  });

  it('needs the key of its authority', async () => {
    const [one, other] = [await newAuthority('one', validFor(1)), await newAuthority('two', validFor(1))];
    await expect(newCertificate({ cert: one.cert, key: other.key }, leaf)).rejects.toThrow(
      'the key is not the one of the certificate',
    );
  });
});
