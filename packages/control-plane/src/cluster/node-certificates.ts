import { X509Certificate } from 'node:crypto';
import { AppError, uuid } from '@gatescope/base';
import type { NodeCertificate } from '@gatescope/protocol';
import type { NodeCertificateRow } from '../store/node-certificate-repository.ts';
import type { Store } from '../store/store.ts';
import { timestamp } from '../time.ts';

/** Certificates pinned to one control plane, at most: each is tried when a node connects. */
export const NODE_CERTIFICATES_MAX = 200;

/** A certificate that lets nodes into a control plane: itself, or every one that it issued. */
export interface PinnedCertificate {
  readonly controlPlaneId: string;
  readonly certificate: X509Certificate;
  readonly isAuthority: boolean;
}

/** Which certificates let nodes into which control plane. */
export class NodeCertificates {
  readonly #store: Store;
  readonly #own: readonly X509Certificate[];
  readonly #listeners = new Set<() => void>();
  #pinned: readonly PinnedCertificate[] = [];

  private constructor(store: Store, own: readonly X509Certificate[]) {
    this.#store = store;
    this.#own = own;
  }

  /** `own` are the authorities of the listener itself. */
  static async open(store: Store, own: readonly X509Certificate[]): Promise<NodeCertificates> {
    const certificates = new NodeCertificates(store, own);
    await certificates.#load();
    return certificates;
  }

  get pinned(): readonly PinnedCertificate[] {
    return this.#pinned;
  }

  /** Calls `listener` whenever what is pinned has changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async list(controlPlaneId: string): Promise<NodeCertificate[]> {
    return (await this.#store.nodeCertificates.all(controlPlaneId)).map(viewOf);
  }

  /**
   * Pins a certificate. Only who has rights everywhere (`everywhere`) may pin what the installation's own authority issued: it could be
   * another control plane's. Throws `invalid_request`, `conflict` and `forbidden`.
   */
  async pin(
    controlPlaneId: string,
    { name, certificate }: { name: string; certificate: string },
    by: string,
    everywhere: boolean,
  ): Promise<NodeCertificate> {
    const parsed = parse(certificate);
    const fingerprint = fingerprintOf(parsed);
    if (Date.parse(parsed.validTo) <= Date.now())
      throw wrong(`the certificate expired on ${parsed.validTo}; make a new one with gatescope certs`);
    if (this.#own.some((one) => fingerprintOf(one) === fingerprint))
      throw new AppError('conflict', "this is the installation's own authority; its nodes go to default");
    if (!everywhere && this.#own.some((authority) => issued(authority, parsed))) {
      throw new AppError(
        'forbidden',
        "the installation's own authority issued this certificate; pinning it needs rights on all control planes",
      );
    }
    if ((await this.#store.nodeCertificates.all(controlPlaneId)).length >= NODE_CERTIFICATES_MAX)
      throw new AppError('conflict', `${NODE_CERTIFICATES_MAX} certificates are pinned already; remove some`);
    const row: NodeCertificateRow = {
      id: uuid(),
      control_plane_id: controlPlaneId,
      name,
      certificate: parsed.toString(),
      fingerprint,
      is_authority: parsed.ca ? 1 : 0,
      subject: parsed.subject.replaceAll('\n', ', '),
      not_before: Date.parse(parsed.validFrom),
      not_after: Date.parse(parsed.validTo),
      created_at: Date.now(),
      created_by: by,
    };
    if (!(await this.#store.nodeCertificates.add(row)))
      throw new AppError('conflict', 'this certificate is pinned already, here or to another control plane');
    await this.#load();
    return viewOf(row);
  }

  /** Nodes that came in by it are cut. Throws `not_found`. */
  async unpin(controlPlaneId: string, id: string): Promise<void> {
    if (!(await this.#store.nodeCertificates.remove(controlPlaneId, id)))
      throw new AppError('not_found', `there is no certificate ${id}`);
    await this.#load();
  }

  async #load(): Promise<void> {
    this.#pinned = (await this.#store.nodeCertificates.all()).map((row) => ({
      controlPlaneId: row.control_plane_id,
      certificate: new X509Certificate(row.certificate),
      isAuthority: row.is_authority === 1,
    }));
    for (const listener of this.#listeners) listener();
  }
}

/** Every certificate of a PEM file. */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** SHA-256, lower-case hexadecimal. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Whether `authority` signed `certificate`. */
export function issued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function parse(text: string): X509Certificate {
  if (/PRIVATE KEY/.test(text)) throw wrong('this holds a private key; send the certificate alone');
  if ((text.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length !== 1)
    throw wrong('send one certificate as PEM text, from -----BEGIN CERTIFICATE----- on');
  try {
    return new X509Certificate(text);
  } catch {
    throw wrong('the certificate can not be read; is it complete?');
  }
}

function wrong(message: string): AppError {
  return new AppError('invalid_request', message, { details: [{ message, path: 'certificate' }] });
}

function viewOf(row: NodeCertificateRow): NodeCertificate {
  return {
    id: row.id,
    name: row.name,
    subject: row.subject,
    fingerprint_sha256: row.fingerprint,
    is_authority: row.is_authority === 1,
    not_before: timestamp(row.not_before),
    not_after: timestamp(row.not_after),
    created_at: timestamp(row.created_at),
    created_by: row.created_by,
  };
}
