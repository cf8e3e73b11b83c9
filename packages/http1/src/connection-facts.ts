/** What is known of a TLS connection once its handshake is done. Times are performance.now() milliseconds. */
export interface TlsFacts {
  /** First byte of the handshake. */
  readonly startedMs: number;
  /** The certificate was asked for and chosen. */
  readonly certificateStartMs: number;
  readonly certificateEndMs: number;
  /** What the choice of the certificate left to be known; null where it left nothing. */
  readonly certificateNote: unknown;
  readonly endedMs: number;
  /** `TLSv1.2`, `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  readonly resumed: boolean;
  readonly serverName: string | null;
  /** Distinguished name of the certificate shown to the client, or null. */
  readonly serverSubject: string | null;
  /** Distinguished name of the client's certificate, or null. */
  readonly clientSubject: string | null;
  /** The client's certificate and those it sent along (DER), its own first; empty where it sent none. Nobody has verified them. */
  readonly clientChain: readonly Buffer[];
}

/** A connection as the requests on it see it. */
export interface ConnectionFacts {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** performance.now() at which it was accepted. */
  readonly acceptedMs: number;
  readonly tls: TlsFacts | null;
}
