import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import type { Certificate } from '../config/entities.ts';
import type { KeyPair } from '../settings/gateway-settings.ts';

/** What all contexts of a node's listeners have in common. */
export interface ListenerTlsSettings {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** How long a session may be resumed, seconds. */
  readonly sessionTimeoutS: number;
}

/** Bytes of the keys that session tickets are sealed with: name, HMAC and AES, 16 each. */
export const TICKET_KEY_BYTES = 48;

/** The certificate for a server name: exact, then `*.suffix`, then `prefix.*`, then the default. Contexts are made once. */
export class CertificateStore {
  readonly #exact = new Map<string, SecureContext>();
  readonly #suffixes = new Map<string, SecureContext>();
  readonly #prefixes = new Map<string, SecureContext>();
  readonly default: SecureContext;

  /** `ticketKeys` are shared by all workers, so that each resumes what another began. Throws where a certificate and its key do not fit. */
  constructor(
    certificates: readonly Certificate[],
    fallback: KeyPair,
    settings: ListenerTlsSettings,
    ticketKeys: Buffer,
  ) {
    const contextOf = ({ cert, key }: KeyPair) =>
      createSecureContext({
        cert,
        key,
        minVersion: settings.minVersion,
        maxVersion: settings.maxVersion,
        sessionTimeout: settings.sessionTimeoutS,
        // Without one OpenSSL resumes no session in which a client was asked for a certificate.
        sessionIdContext: 'gatescope',
        ticketKeys,
      } satisfies SecureContextOptions & { ticketKeys: Buffer });
    this.default = contextOf(fallback);
    for (const certificate of certificates) {
      const context = contextOf(certificate);
      for (const name of certificate.snis.map((sni) => sni.toLowerCase())) {
        if (name.startsWith('*.')) this.#suffixes.set(name.slice(1), context);
        else if (name.endsWith('.*')) this.#prefixes.set(name.slice(0, -1), context);
        else this.#exact.set(name, context);
      }
    }
  }

  select(serverName: string | null): SecureContext {
    if (serverName === null) return this.default;
    const name = serverName.toLowerCase();
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    const dot = name.indexOf('.');
    const suffix = dot < 0 ? undefined : this.#suffixes.get(name.slice(dot));
    if (suffix !== undefined) return suffix;
    const last = name.lastIndexOf('.');
    return (last < 0 ? undefined : this.#prefixes.get(name.slice(0, last + 1))) ?? this.default;
  }
}
