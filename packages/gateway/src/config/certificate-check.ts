import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What is wrong with a certificate and its key (PEM), with the field to look at, or null. Says nothing of the key itself. */
export function checkCertificate(
  cert: string,
  key: string,
): { field: 'cert' | 'key'; message: string } | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return { field: 'cert', message: 'not a certificate in PEM' };
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key))) return null;
  } catch {
    return { field: 'key', message: 'not a private key in PEM without a passphrase' };
  }
  return { field: 'key', message: 'the key is not the one of the certificate' };
}

/** What is wrong with the certificate of an authority (PEM), or null. */
export function checkAuthority(cert: string): string | null {
  try {
    return new X509Certificate(cert).ca
      ? null
      : 'not the certificate of an authority (basic constraints say CA:FALSE, or nothing)';
  } catch {
    return 'not a certificate in PEM';
  }
}
