import { type EventEmitter, errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { currentPlace } from '../plugin-context.ts';
import type { PluginScope } from '../plugin-scope.ts';
import { SPAN } from '../span-kinds.ts';
import { ioError } from './io-error.ts';
import { notePeer, PROTOCOL, watchedSocket } from './socket-io.ts';
import { noteHttpRequest, noteStatus } from './undici-io.ts';

const requests = new WeakMap<ClientRequest, { readonly scope: PluginScope; readonly span: number }>();

/** What is subscribed to, by channel, for the clients of `node:http` and `node:https`. */
export const NODE_HTTP_CHANNELS: Readonly<Record<string, (message: never) => void>> = {
  // Newer versions of Node tell of a request when it is made, all of them when it has been written.
  'http.client.request.created': ({ request }: { readonly request: ClientRequest }) => begin(request),
  'http.client.request.start': ({ request }: { readonly request: ClientRequest }) => {
    begin(request);
    const open = requests.get(request);
    if (open !== undefined && request.socket !== null) claim(open.scope, open.span, request.socket);
  },
  'http.client.response.finish': ({
    request,
    response,
  }: {
    readonly request: ClientRequest;
    readonly response: IncomingMessage;
  }) => {
    const open = requests.get(request);
    if (open === undefined) return;
    noteStatus(open.scope, open.span, response.statusCode ?? 0);
    response.once('end', () => open.scope.close(open.span, performance.now()));
  },
};

function begin(request: ClientRequest): void {
  if (requests.has(request)) return;
  const place = currentPlace();
  if (place === null) return;
  const { scope } = place;
  const span = scope.open(SPAN.ioHttpRequest, null, place.parent, performance.now());
  if (span < 0) return;
  requests.set(request, { scope, span });
  const authority = new URL(`${request.protocol}//${request.host}`);
  const told = /:(\d+)$/.exec(String(request.getHeader('host') ?? ''))?.[1];
  const port = told === undefined ? (request.protocol === 'https:' ? 443 : 80) : Number(told);
  noteHttpRequest(scope, span, request.method, authority.hostname, port);
  // Watched without being handled: an error that nobody listens for stays what it is.
  request.once(errorMonitor, (error: Error) => scope.close(span, performance.now(), ioError(error)));
  request.once('close', () => scope.close(span, performance.now()));
}

/** The connection of a request belongs below it: one that was opened for it is told of there. */
function claim(scope: PluginScope, request: number, socket: Socket): void {
  const { record } = scope;
  if (record === null) return;
  const note = watchedSocket(socket);
  if (note?.scope === scope && !note.isClaimed) {
    note.isClaimed = true;
    record.change(note.span, SPAN.ioHttpConnect);
    record.labels[note.span] = null;
    record.move(note.span, request);
    record.beginBy(request, record.startOf(note.span));
    endWhenConnected(scope, note.span, socket, () => {});
  } else if (note === undefined && isConnecting(socket)) {
    const span = scope.open(SPAN.ioHttpConnect, null, request, record.startOf(request));
    scope.set(span, PROTOCOL, 'http');
    endWhenConnected(scope, span, socket, () => notePeer(scope, span, socket));
  }
  if (socket.connecting) socket.once('connect', () => notePeer(scope, request, socket));
  else notePeer(scope, request, socket);
}

function isConnecting(socket: Socket): boolean {
  return socket.connecting || isHandshaking(socket);
}

function isHandshaking(socket: Socket): boolean {
  return (socket as TLSSocket & { readonly secureConnecting?: boolean }).secureConnecting === true;
}

function endWhenConnected(scope: PluginScope, span: number, socket: Socket, onConnected: () => void): void {
  if (!isConnecting(socket)) return;
  socket.once(isHandshaking(socket) ? 'secureConnect' : 'connect', () => {
    onConnected();
    scope.close(span, performance.now());
  });
  (socket as EventEmitter).once(errorMonitor, (error: Error) =>
    scope.close(span, performance.now(), ioError(error)),
  );
}
