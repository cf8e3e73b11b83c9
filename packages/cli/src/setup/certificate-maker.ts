import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { AppError, messageOf } from '@gatescope/base';
import * as x509 from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** From when to when a certificate is good, milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

export type Usage = 'server' | 'client';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const USAGES: Record<Usage, string> = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
};

/** From a minute ago, since clocks differ, for so many days. */
export function validFor(days: number): Validity {
  const now = Date.now();
  return { from: now - 60_000, to: now + days * DAY_MS };
}

/** An authority that can issue certificates, and can not make further authorities. */
export async function newAuthority(name: string, validity: Validity): Promise<CertifiedKey> {
  return await certified(`CN=${name}`, null, validity, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ]);
}

/** A certificate of an authority, or one that vouches for itself (`authority` null). `hosts` are names and addresses. */
export async function newCertificate(
  authority: CertifiedKey | null,
  options: { name: string; usages: readonly Usage[]; hosts: readonly string[]; validity: Validity },
): Promise<CertifiedKey> {
  const { name, usages, hosts, validity } = options;
  const alternatives = hosts.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  return await certified(`CN=${name}`, authority, validity, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages.map((usage) => USAGES[usage])),
    new x509.SubjectAlternativeNameExtension(alternatives),
  ]);
}

async function certified(
  name: string,
  authority: CertifiedKey | null,
  { from, to }: Validity,
  extensions: x509.Extension[],
): Promise<CertifiedKey> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = authority === null ? null : await issuerOf(authority);
  if (issuer?.name === name) {
    throw new AppError(
      'invalid_request',
      `the authority is called ${name} too, and the certificate would be taken for self-signed; choose another name`,
    );
  }
  const certificate = await x509.X509CertificateGenerator.create({
    // Positive and without leading zeros, as RFC 5280 (4.1.2.2) has it.
    serialNumber: `1${randomBytes(15).toString('hex').slice(1)}`,
    subject: name,
    issuer: issuer?.name ?? name,
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey as never,
    signingKey: (issuer?.key ?? keys.privateKey) as never,
    extensions,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { cert: `${certificate.toString('pem')}\n`, key };
}

/** Throws `invalid_request` where the key is not one of these authorities. */
async function issuerOf({ cert, key }: CertifiedKey): Promise<{ name: string; key: webcrypto.CryptoKey }> {
  try {
    const certificate = new x509.X509Certificate(cert);
    const publicKey = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
    if (!publicKey.equals(Buffer.from(certificate.publicKey.rawData)))
      throw new Error('the key is not the one of the certificate');
    const der = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
    const signing = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
    return { name: certificate.subject, key: signing };
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `the authority can't be used: ${messageOf(error)}; make one with gatescope certs authority`,
    );
  }
}
