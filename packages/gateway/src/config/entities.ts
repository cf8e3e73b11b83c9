/** The entities of a declarative configuration, every default filled in. Field names are Kong's. */

export type ServiceProtocol = 'http' | 'https';

export interface Service {
  readonly id: string;
  readonly name: string | null;
  readonly protocol: ServiceProtocol;
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly retries: number;
  /** Milliseconds. */
  readonly connect_timeout: number;
  /** Milliseconds between two writes. */
  readonly write_timeout: number;
  /** Milliseconds between two reads. */
  readonly read_timeout: number;
  /** Null: as the node's settings say. */
  readonly tls_verify: boolean | null;
  /** Certificates that may stand between the upstream's and an authority; null: no limit. */
  readonly tls_verify_depth: number | null;
  /** Authorities the upstream's certificate may come from; empty: as the node's settings say. */
  readonly ca_certificates: readonly CaCertificate[];
  /** Shown to the upstream where it asks; null: as the node's settings say. */
  readonly client_certificate: Certificate | null;
  readonly enabled: boolean;
  readonly tags: readonly string[];
}

export interface Route {
  readonly id: string;
  readonly name: string | null;
  readonly protocols: readonly string[];
  readonly methods: readonly string[];
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly snis: readonly string[];
  readonly strip_path: boolean;
  readonly preserve_host: boolean;
  readonly path_handling: 'v0' | 'v1';
  readonly regex_priority: number;
  readonly https_redirect_status_code: number;
  /** Null: as the settings say. */
  readonly request_buffering: boolean | null;
  readonly response_buffering: boolean;
  /** Seconds since the epoch; older routes win ties. */
  readonly created_at: number;
  readonly service: Service | null;
  readonly tags: readonly string[];
}

export interface PluginEntity {
  readonly id: string;
  readonly name: string;
  readonly instance_name: string | null;
  readonly enabled: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly protocols: readonly string[];
  readonly service_id: string | null;
  readonly route_id: string | null;
  readonly consumer_id: string | null;
}

export interface Target {
  readonly id: string;
  /** `host:port`. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
}

export interface Upstream {
  readonly id: string;
  readonly name: string;
  readonly algorithm: 'round-robin';
  readonly host_header: string | null;
  readonly targets: readonly Target[];
}

export interface KeyAuthCredential {
  readonly id: string;
  readonly key: string;
}

export interface Consumer {
  readonly id: string;
  readonly username: string | null;
  readonly custom_id: string | null;
  readonly keyauth_credentials: readonly KeyAuthCredential[];
}

export interface Certificate {
  readonly id: string;
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Server names it answers to; a leading or trailing label may be `*`. */
  readonly snis: readonly string[];
}

/** An authority that certificates are checked against. */
export interface CaCertificate {
  readonly id: string;
  /** PEM. */
  readonly cert: string;
}

/** A whole configuration, checked and indexed. */
export interface GatewayConfig {
  /** Of the text it was read from: SHA-256, hexadecimal. */
  readonly hash: string;
  readonly services: readonly Service[];
  readonly routes: readonly Route[];
  readonly plugins: readonly PluginEntity[];
  readonly upstreams: readonly Upstream[];
  readonly consumers: readonly Consumer[];
  readonly certificates: readonly Certificate[];
  readonly ca_certificates: readonly CaCertificate[];
}
