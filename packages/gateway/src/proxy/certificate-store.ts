import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificate } from '../config/entities.ts';
import type { KeyPair } from '../settings/gateway-settings.ts';

/** The certificate for a server name: exact, then `*.suffix`, then `prefix.*`, then the default. Contexts are made once. */
export class CertificateStore {
  readonly #exact = new Map<string, SecureContext>();
  readonly #suffixes = new Map<string, SecureContext>();
  readonly #prefixes = new Map<string, SecureContext>();
  readonly default: SecureContext;

  /** Throws where a certificate and its key do not fit. */
  constructor(certificates: readonly Certificate[], fallback: KeyPair) {
    this.default = createSecureContext({ cert: fallback.cert, key: fallback.key });
    for (const { cert, key, snis } of certificates) {
      const context = createSecureContext({ cert, key });
      for (const name of snis.map((sni) => sni.toLowerCase())) {
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
