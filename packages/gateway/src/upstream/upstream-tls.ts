import { createHash } from 'node:crypto';
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
  readonly #options: UpstreamTlsOptions;
  readonly #common: KeyedContext;
  /** Of services that say something of their own; made once a configuration. */
  readonly #own = new WeakMap<Service, KeyedContext>();

  constructor(options: UpstreamTlsOptions) {
    this.#options = options;
    this.#common = { context: this.#contextOf(null), key: 'default' };
  }

  /** `host` is the Host field the upstream gets; its name goes into the handshake. */
  of(service: Service, host: string): UpstreamTls {
    const { context, key } = this.#contextFor(service);
    return {
      serverName: host.replace(/:\d+$/, ''),
      verify: service.tls_verify ?? this.#options.verifyByDefault,
      verifyDepth: service.tls_verify_depth,
      secureContext: context,
      contextKey: key,
    };
  }

  #contextFor(service: Service): KeyedContext {
    if (
      service.ca_certificates.length === 0 &&
      service.client_certificate === null &&
      service.tls_verify_depth === null
    )
      return this.#common;
    const known = this.#own.get(service);
    if (known !== undefined) return known;
    const fresh = { context: this.#contextOf(service), key: keyOf(service) };
    this.#own.set(service, fresh);
    return fresh;
  }

  #contextOf(service: Service | null): SecureContext {
    const { trustedCertificates, clientCertificate } = this.#options;
    const authorities = service?.ca_certificates ?? [];
    const common = trustedCertificates === null ? [...rootCertificates] : [trustedCertificates];
    const shown = service?.client_certificate ?? clientCertificate;
    return createSecureContext({
      ca: authorities.length > 0 ? authorities.map(({ cert }) => cert) : common,
      ...(shown === null ? {} : { cert: shown.cert, key: shown.key }),
    });
  }
}

interface KeyedContext {
  readonly context: SecureContext;
  readonly key: string;
}

/** The same for services that say the same of TLS, so that they share connections, over reloads too. */
function keyOf({ ca_certificates, client_certificate, tls_verify_depth }: Service): string {
  const hash = createHash('sha256');
  for (const { cert } of ca_certificates) hash.update(cert);
  hash.update(`|${client_certificate?.cert ?? ''}|${tls_verify_depth ?? ''}`);
  return hash.digest('hex');
}
