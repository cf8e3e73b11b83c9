import { X509Certificate } from 'node:crypto';

/** Certificates between a client's and an authority, at most. */
const INTERMEDIATES_MAX = 8;
/** Purpose of a certificate that says who a client is (RFC 5280 §4.2.1.12); one without purposes serves every one. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_PURPOSE = '2.5.29.37.0';

/**
 * Checks a client's certificate against authorities: signatures, names, periods, purposes. `chain` is what the client sent (DER), its own
 * first; `nowMs` is the time. Answers why it is not to be trusted, or null.
 */
export function verifyChain(
  chain: readonly Buffer[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): string | null {
  let certificates: X509Certificate[];
  try {
    certificates = chain.map((der) => new X509Certificate(der));
  } catch {
    return 'not a certificate';
  }
  const [leaf, ...sent] = certificates;
  if (leaf === undefined) return 'no certificate';
  // Typed for names of usages, where it holds the identifiers of purposes.
  const purposes = leaf.keyUsage as readonly string[] | undefined;
  if (purposes !== undefined && !purposes.includes(CLIENT_AUTH) && !purposes.includes(ANY_PURPOSE))
    return 'not meant for clients';
  let current = leaf;
  for (let depth = 0; depth <= INTERMEDIATES_MAX; depth++) {
    if (!isCurrent(current, nowMs)) return 'expired, or not valid yet';
    const authority = authorities.find((one) => issued(one, current));
    if (authority !== undefined)
      return isCurrent(authority, nowMs) ? null : 'from an authority that has expired';
    const next = sent.find(
      (one) => one.ca && one.fingerprint256 !== current.fingerprint256 && issued(one, current),
    );
    if (next === undefined) return 'not from a trusted authority';
    current = next;
  }
  return 'chain too long';
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isCurrent(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
}
