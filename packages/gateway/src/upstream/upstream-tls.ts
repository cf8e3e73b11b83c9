import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { UpstreamTls } from '@gatescope/http1';
import type { Service } from '../config/entities.ts';

export interface UpstreamTlsOptions {
  /** PEM certificates trusted beside or instead of the built-in ones; null: the built-in ones. */
  readonly trustedCertificates: string | null;
  /** Certificate and key shown to upstreams that ask for one. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | null;
  /** Whether upstream certificates are verified where the service does not say. */
  readonly verifyByDefault: boolean;
}

/** Decides how TLS is spoken to a service's upstream. */
export class UpstreamTlsFactory {
  readonly #context: SecureContext;
  readonly #verifyByDefault: boolean;

  constructor(options: UpstreamTlsOptions) {
    this.#context = createSecureContext({
      ca: options.trustedCertificates === null ? [...rootCertificates] : [options.trustedCertificates],
      ...(options.clientCertificate ?? {}),
    });
    this.#verifyByDefault = options.verifyByDefault;
  }

  /** `host` is the Host field the upstream gets; its name goes into the handshake. */
  of(service: Service, host: string): UpstreamTls {
    return {
      serverName: host.replace(/:\d+$/, ''),
      verify: service.tls_verify ?? this.#verifyByDefault,
      secureContext: this.#context,
      contextKey: 'default',
    };
  }
}
