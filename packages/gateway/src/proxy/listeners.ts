import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { AppError, messageOf, newRequestId } from '@gatescope/base';
import { HttpServer, type ProtocolError, type ServerExchange, type ServerTlsOptions } from '@gatescope/http1';
import { Http2Connections } from '../http2/http2-connections.ts';
import { runCertificatePhase } from '../pipeline/certificate-phase.ts';
import type { GatewaySettings } from '../settings/gateway-settings.ts';
import type { ListenAddress } from '../settings/listen-address.ts';
import { CertificateStore, TICKET_KEY_BYTES } from './certificate-store.ts';
import { errorBody } from './error-response.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import type { RequestContext } from './request-context.ts';
import { RequestRun } from './request-run.ts';

/** The listening sockets of a worker, from which every request comes. */
export class Listeners {
  readonly #context: RequestContext;
  readonly #settings: GatewaySettings;
  #certificates: CertificateStore | null = null;
  #ticketKeys: Buffer = randomBytes(TICKET_KEY_BYTES);
  #servers: HttpServer[] = [];
  readonly #http2: Http2Connections;

  constructor(context: RequestContext, settings: GatewaySettings) {
    this.#context = context;
    this.#settings = settings;
    this.#http2 = new Http2Connections(
      {
        onRequest: (exchange) => new RequestRun(context, exchange).start(),
        renderError: (error, exchange) => this.#renderError(error, exchange),
        onMisuse: (message, client) =>
          context.logger.log('info', 'access', `HTTP/2 connection given up: ${message}`, { client }),
      },
      settings.serverLimits,
    );
  }

  /** Opens every listener and resolves with where they listen, in the order of the settings; rejects with the address that can't be had. */
  async open(): Promise<AddressInfo[]> {
    const addresses: AddressInfo[] = [];
    for (const address of this.#settings.listeners) {
      const server = this.#serverOf(address);
      try {
        addresses.push(await server.listen(address));
      } catch (error) {
        throw new AppError(
          'unavailable',
          address.path === null
            ? `can't listen on ${address.host}:${address.port}: ${messageOf(error)}. Is another process using the port? Set KONG_PROXY_LISTEN to another one.`
            : `can't listen on unix:${address.path}: ${messageOf(error)}. Is another process using it, and may files be made there? Set KONG_PROXY_LISTEN to another one.`,
        );
      }
      this.#servers.push(server);
    }
    return addresses;
  }

  /** Shows the certificates of a configuration from now on. Throws where one does not fit its key; those before are shown on then. */
  show(runtime: GatewayRuntime): void {
    const { defaultCertificate, listenerTls } = this.#settings;
    if (defaultCertificate === null) return;
    this.#certificates = new CertificateStore(
      runtime.config.certificates,
      defaultCertificate,
      listenerTls,
      this.#ticketKeys,
    );
  }

  /** Seals session tickets with these keys from now on; sessions begun with others are not resumed. */
  useTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    this.show(this.#context.runtime);
  }

  /** Open connections of clients, whatever they speak. */
  get connections(): number {
    return this.#servers.reduce((sum, server) => sum + server.connections, 0);
  }

  /** Accepts no more and resolves when every connection has ended; what is left after `timeoutMs` is cut. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.all([
      ...this.#servers.map((server) => server.close(timeoutMs)),
      this.#http2.close(timeoutMs),
    ]);
  }

  #serverOf(address: ListenAddress): HttpServer {
    const { nodeLog } = this.#context;
    return new HttpServer(
      {
        onRequest: (exchange) => new RequestRun(this.#context, exchange).start(),
        renderError: (error, exchange) => this.#renderError(error, exchange),
        onOtherProtocol: (_, socket, facts) => this.#http2.accept(socket, facts),
        onHandshakeError: (message, client) =>
          nodeLog.log('info', 'tls', `TLS handshake failed: ${message}`, { client }),
      },
      {
        limits: this.#settings.serverLimits,
        ...(address.ssl ? { tls: this.#tlsOptions(address.http2) } : {}),
      },
    );
  }

  /** The answer to what the engine refuses: what is no request, takes too long, or is too large. */
  #renderError(
    { message, status }: ProtocolError,
    exchange: ServerExchange | null,
  ): { fields: string; body: string } {
    const { nodeLog, product, runtime } = this.#context;
    const run = exchange?.listener instanceof RequestRun ? exchange.listener : null;
    const id = run?.requestId ?? newRequestId();
    if (run === null)
      nodeLog.log('info', 'access', `request refused: ${message}`, { status, request_id: id });
    const { contentType, body } = errorBody(exchange?.headers.get('accept'), message, id);
    const { server, requestId } = runtime.ownHeaders;
    let fields = `Content-Type: ${contentType}\r\n`;
    if (server) fields += `Server: ${product}\r\n`;
    if (requestId) fields += `X-Kong-Request-Id: ${id}\r\n`;
    return { fields, body };
  }

  #tlsOptions(http2: boolean): ServerTlsOptions {
    const certificates = this.#certificates;
    if (certificates === null)
      throw new AppError('invalid_config', 'a TLS listener needs KONG_SSL_CERT and KONG_SSL_CERT_KEY');
    const { nodeLog } = this.#context;
    const onError = (plugin: string, message: string) =>
      nodeLog.log('error', 'plugin', `plugin ${plugin} failed in phase certificate: ${message}`, {
        plugin,
        phase: 'certificate',
      });
    return {
      requestClientCertificate: () => this.#context.runtime.chains.asksForClientCertificate,
      defaultContext: () => this.#certificates!.default,
      alpnProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      selectContext: (serverName, clientAddress, note) => {
        const plugins = this.#context.runtime.chains.certificate;
        const context = this.#certificates!.select(serverName);
        if (plugins.length === 0) return context;
        const { isArmed } = this.#context.tracer;
        return runCertificatePhase(plugins, { serverName, clientAddress }, onError, isArmed).then((runs) => {
          note(runs);
          return context;
        });
      },
    };
  }
}
