import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { fingerprintOf, issued, type PinnedCertificate } from './node-certificates.ts';

/** Where a peer may come in, or why it may not. */
export type Admission =
  | { readonly controlPlaneId: string; readonly refusal: null }
  | { readonly controlPlaneId: null; readonly refusal: string };

/** What decides who may come in. */
export interface AdmissionRules {
  readonly pinned: readonly PinnedCertificate[];
  /** The listener's own authorities, or in shared mode its own certificate: what they issued belongs to `homeId`. */
  readonly own: readonly X509Certificate[];
  readonly homeId: string;
}

/** Links of a chain that are looked at. */
const CHAIN_MAX = 5;

/**
 * Decides by its certificate which control plane a peer belongs to. A pinned certificate goes before an authority, a pinned authority before
 * the listener's own. That the peer has the certificate's key was proved by the handshake.
 */
export function admit(socket: TLSSocket, { pinned, own, homeId }: AdmissionRules): Admission {
  const chain = chainOf(socket);
  const [certificate] = chain;
  if (certificate === undefined) return refused('it shows no certificate');
  const name = certificate.subject.replaceAll('\n', ', ');
  const now = Date.now();
  if (Date.parse(certificate.validTo) <= now)
    return refused(`its certificate ${name} expired on ${certificate.validTo}`);
  if (Date.parse(certificate.validFrom) > now)
    return refused(`its certificate ${name} is not good before ${certificate.validFrom}; is a clock wrong?`);
  const fingerprint = fingerprintOf(certificate);
  const same = pinned.find((pin) => fingerprintOf(pin.certificate) === fingerprint);
  if (same !== undefined) return { controlPlaneId: same.controlPlaneId, refusal: null };
  // From here on a chain is needed, and OpenSSL has checked it with all that belongs to it.
  const isOwn = own.some((one) => fingerprintOf(one) === fingerprint);
  if (!isOwn && !socket.authorized) {
    return refused(
      `its certificate ${name} comes from no authority that is known here, and is pinned to no control plane (${String(socket.authorizationError)})`,
    );
  }
  for (const link of chain) {
    const authority = pinned.find((pin) => pin.isAuthority && issued(pin.certificate, link));
    if (authority !== undefined) return { controlPlaneId: authority.controlPlaneId, refusal: null };
  }
  if (isOwn || chain.some((link) => own.some((authority) => issued(authority, link))))
    return { controlPlaneId: homeId, refusal: null };
  return refused(`its certificate ${name} is pinned to no control plane any more`);
}

function refused(refusal: string): Admission {
  return { controlPlaneId: null, refusal };
}

/** What the peer shows, its own certificate first. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const peer = socket.getPeerCertificate(true);
  for (
    let link: typeof peer | undefined = peer;
    link?.raw !== undefined && chain.length < CHAIN_MAX;
    link = link.issuerCertificate === link ? undefined : link.issuerCertificate
  )
    chain.push(new X509Certificate(link.raw));
  return chain;
}
