import type { Socket } from 'node:net';
import tls from 'node:tls';
import { serverNameIn } from './client-hello.ts';
import type { TlsFacts } from './connection-facts.ts';

/** How a TLS listener shakes hands. */
export interface ServerTlsOptions {
  /**
   * The certificate for a server name (null: none sent). May take its time; the time it takes is the certificate phase. Null
   * refuses the handshake, or leaves the default to a client that names no server. What is given to `note` comes back as {@link TlsFacts.certificateNote}.
   */
  selectContext(
    serverName: string | null,
    clientAddress: string,
    note: (value: unknown) => void,
  ): Promise<tls.SecureContext | null> | tls.SecureContext | null;
  /** Used until a context is selected, and for sessions that resume; carries the ticket keys. Asked for once a connection. */
  defaultContext(): tls.SecureContext;
  /** Asks clients for a certificate; whether it is trusted is decided afterwards. */
  requestClientCertificate?(): boolean;
  /** Protocols offered by ALPN, best first. */
  readonly alpnProtocols?: readonly string[];
}

/** A finished handshake: the socket, what was agreed, and the protocol ALPN chose (null: none). */
export interface SecuredSocket {
  readonly socket: tls.TLSSocket;
  readonly facts: TlsFacts;
  readonly alpnProtocol: string | null;
}

/**
 * Shakes hands on an accepted socket. The first byte is stamped before the TLS socket takes over, since it can't be seen
 * afterwards. `done` is called once: with the secured socket, or with why there is none (the raw socket is then destroyed).
 */
export function secure(
  raw: Socket,
  options: ServerTlsOptions,
  done: (secured: SecuredSocket | null, error: string) => void,
): void {
  let certificateStartMs = Number.NaN;
  let certificateEndMs = Number.NaN;
  let certificateNote: unknown = null;
  let finished = false;
  const finish = (secured: SecuredSocket | null, error: string) => {
    if (finished) return;
    finished = true;
    if (secured === null) raw.destroy();
    done(secured, error);
  };
  const select = (
    serverName: string | null,
    answer: (context: tls.SecureContext | null, isRefused: boolean) => void,
  ) => {
    certificateStartMs = performance.now();
    const settle = (context: tls.SecureContext | null, isRefused = true) => {
      certificateEndMs = performance.now();
      answer(context, isRefused);
    };
    try {
      const selected = options.selectContext(serverName, raw.remoteAddress ?? '', (value) => {
        certificateNote = value;
      });
      if (selected instanceof Promise)
        selected.then(
          (context) => settle(context, context === null && serverName !== null),
          () => settle(null),
        );
      else settle(selected, selected === null && serverName !== null);
    } catch {
      settle(null);
    }
  };
  raw.on('error', (error) => finish(null, error.message));
  const onEnd = () => finish(null, 'closed during the handshake');
  // A half-closed connection is no use before the handshake: without this it would stay until the time limit.
  raw.once('end', onEnd);
  raw.once('close', onEnd);
  raw.once('data', (first: Buffer) => {
    const startedMs = performance.now();
    raw.pause();
    raw.unshift(first);
    const socket = new tls.TLSSocket(raw, {
      isServer: true,
      secureContext: options.defaultContext(),
      requestCert: options.requestClientCertificate?.() ?? false,
      rejectUnauthorized: false,
      ...(options.alpnProtocols === undefined ? {} : { ALPNProtocols: [...options.alpnProtocols] }),
      SNICallback: (serverName, answer) =>
        select(serverName === '' ? null : serverName, (context, isRefused) => {
          if (isRefused || context === null) answer(new Error(`no certificate for ${serverName}`));
          else answer(null, context);
        }),
    });
    const serverName = () => serverNameOf(socket) ?? (socket.isSessionReused() ? serverNameIn(first) : null);
    socket.on('error', (error) => finish(null, error.message));
    socket.once('end', onEnd);
    socket.once('secure', () => {
      // Nobody is asked where the client names no server, or resumes by TLS 1.2; what decides about connections has to know of those too.
      if (!Number.isNaN(certificateStartMs)) complete();
      else
        select(serverName(), (_, isRefused) => {
          if (isRefused) finish(null, 'no certificate for a client that names no server');
          else complete();
        });
    });
    const complete = () => {
      const endedMs = performance.now();
      const peer = socket.getPeerCertificate(true);
      const own = socket.getCertificate();
      finish(
        {
          socket,
          alpnProtocol: socket.alpnProtocol || null,
          facts: {
            startedMs,
            certificateStartMs,
            certificateEndMs,
            certificateNote,
            endedMs,
            protocol: socket.getProtocol() ?? '',
            cipher: socket.getCipher().standardName,
            resumed: socket.isSessionReused(),
            serverName: serverName(),
            serverSubject: subjectOf(own),
            clientSubject: subjectOf(peer),
            clientChain: chainOf(peer),
          },
        },
        '',
      );
    };
  });
}

function serverNameOf(socket: tls.TLSSocket): string | null {
  const { servername } = socket as unknown as { servername?: string | false };
  return servername ? servername : null;
}

/** Certificates of a client's chain that are looked at. */
const CHAIN_MAX = 10;

/** The certificates as they were sent, each issued by the next. */
function chainOf(leaf: tls.DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: tls.DetailedPeerCertificate | undefined = leaf;
  while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
    if (chain.some((known) => known.equals(certificate!.raw))) break;
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** The distinguished name of a certificate's subject as one line, most specific part first (RFC 4514), or null. */
export function subjectOf(certificate: object | null | undefined): string | null {
  const subject = (certificate as { subject?: Record<string, string | string[]> } | null | undefined)
    ?.subject;
  if (subject === undefined || subject === null) return null;
  const parts = Object.entries(subject).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one) => `${key}=${one.replaceAll(/([\\,+"<>;=])/g, '\\$1')}`,
    ),
  );
  return parts.length === 0 ? null : parts.reverse().join(',');
}
