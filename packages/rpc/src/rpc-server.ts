import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MESSAGE_BYTES_MAX } from './rpc-client.ts';

/** Takes WebSocket upgrades that speak one subprotocol. The caller says who may come in before it hands the upgrade over. */
export class RpcServer {
  readonly #sockets: WebSocketServer;
  readonly #subprotocol: string;

  constructor(subprotocol: string) {
    this.#subprotocol = subprotocol;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
  }

  /** Finishes an upgrade and hands the socket to `accept`; refuses a client that does not offer the subprotocol. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, accept: (socket: WebSocket) => void): void {
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(',');
    if (!offered.some((name) => name.trim() === this.#subprotocol)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, accept);
  }

  close(): void {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
  }
}
