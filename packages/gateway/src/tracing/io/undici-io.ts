import type { Socket } from 'node:net';
import { currentPlace } from '../plugin-context.ts';
import type { PluginScope } from '../plugin-scope.ts';
import { attribute, SPAN } from '../span-kinds.ts';
import { ioError } from './io-error.ts';
import { awaitSocket, forgetAwaited, notePeer, PROTOCOL, watchedSocket } from './socket-io.ts';

const METHOD = attribute('http.request.method');
const STATUS = attribute('http.response.status_code');
const SERVER_ADDRESS = attribute('server.address');
const SERVER_PORT = attribute('server.port');

/** What undici publishes of a request; its fetch and Node's own publish the same. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
}
interface ConnectParams {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string | number;
}

interface OpenRequest {
  readonly scope: PluginScope;
  readonly span: number;
  /** `protocol//host:port`. */
  readonly origin: string;
  isSent: boolean;
}

interface OpenConnect {
  readonly scope: PluginScope;
  readonly span: number;
  readonly connector: unknown;
  readonly origin: string;
}

/** A request's later events come in the context of its socket, which may be another plugin's: the request itself is what tells. */
const requests = new WeakMap<object, OpenRequest>();
/** Requests that may still cause a connection, and connections under way. */
const unsent: OpenRequest[] = [];
const connects: OpenConnect[] = [];
const WAITING_MAX = 256;

/** What is subscribed to, by channel. */
export const UNDICI_CHANNELS: Readonly<Record<string, (message: never) => void>> = {
  'undici:request:create': ({ request }: { readonly request: UndiciRequest }) => {
    const place = currentPlace();
    if (place === null) return;
    const { scope } = place;
    const span = scope.open(SPAN.ioHttpRequest, null, place.parent, performance.now());
    if (span < 0) return;
    const url = new URL(String(request.origin));
    noteHttpRequest(scope, span, request.method ?? 'GET', url.hostname, portOf(url.protocol, url.port));
    const open = { scope, span, origin: originOf(url), isSent: false };
    requests.set(request, open);
    keep(unsent, open);
  },
  'undici:client:beforeConnect': ({
    connectParams,
    connector,
  }: {
    readonly connectParams: ConnectParams;
    readonly connector: unknown;
  }) => {
    const place = currentPlace();
    if (place === null) return;
    const { scope } = place;
    const origin = originOf(connectParams);
    const cause = unsent.findLast((one) => one.scope === scope && one.origin === origin && !one.isSent);
    const span = scope.open(SPAN.ioHttpConnect, null, cause?.span ?? place.parent, performance.now());
    if (span < 0) return;
    scope.set(span, PROTOCOL, 'http');
    noteServer(scope, span, connectParams.hostname, portOf(connectParams.protocol, connectParams.port));
    keep(connects, { scope, span, connector, origin });
    // The socket is made before anything else can happen, if net makes it: TLS makes its own, and tells nobody.
    if (connectParams.protocol === 'http:') {
      awaitSocket(scope, span);
      queueMicrotask(() => forgetAwaited(span, scope));
    }
  },
  'undici:client:connected': (message: {
    readonly connectParams: ConnectParams;
    readonly connector: unknown;
    readonly socket: Socket;
  }) => {
    const open = takeConnect(message);
    if (open === null) return;
    if (watchedSocket(message.socket) === undefined) notePeer(open.scope, open.span, message.socket);
    open.scope.close(open.span, performance.now());
  },
  'undici:client:connectError': (message: {
    readonly connectParams: ConnectParams;
    readonly connector: unknown;
    readonly error: unknown;
  }) => {
    const open = takeConnect(message);
    open?.scope.close(open.span, performance.now(), ioError(message.error));
  },
  'undici:client:sendHeaders': ({
    request,
    socket,
  }: {
    readonly request: object;
    readonly socket: Socket;
  }) => {
    const open = requests.get(request);
    if (open === undefined || open.isSent) return;
    open.isSent = true;
    drop(unsent, open);
    notePeer(open.scope, open.span, socket);
  },
  'undici:request:headers': ({
    request,
    response,
  }: {
    readonly request: object;
    readonly response: { readonly statusCode: number };
  }) => {
    const open = requests.get(request);
    if (open?.scope.isOpen(open.span) === true) open.scope.set(open.span, STATUS, response.statusCode);
  },
  'undici:request:trailers': ({ request }: { readonly request: object }) => finish(request, null),
  'undici:request:error': ({ request, error }: { readonly request: object; readonly error: unknown }) =>
    finish(request, ioError(error)),
};

/** What tells one request of a plugin from another: whom it asked, and how. Neither path nor query, which may hold secrets. */
export function noteHttpRequest(
  scope: PluginScope,
  span: number,
  method: string,
  host: string,
  port: number,
): void {
  scope.set(span, PROTOCOL, 'http');
  scope.set(span, METHOD, method.toUpperCase());
  noteServer(scope, span, host, port);
}

export function noteStatus(scope: PluginScope, span: number, status: number): void {
  scope.set(span, STATUS, status);
}

function noteServer(scope: PluginScope, span: number, host: string, port: number): void {
  scope.set(span, SERVER_ADDRESS, host.replace(/^\[(.*)\]$/, '$1'));
  scope.set(span, SERVER_PORT, port);
}

function finish(request: object, error: string | null): void {
  const open = requests.get(request);
  if (open === undefined) return;
  requests.delete(request);
  drop(unsent, open);
  open.scope.close(open.span, performance.now(), error);
}

function takeConnect({
  connectParams,
  connector,
}: {
  readonly connectParams: ConnectParams;
  readonly connector: unknown;
}): OpenConnect | null {
  const origin = originOf(connectParams);
  const index = connects.findIndex((one) => one.connector === connector && one.origin === origin);
  return index < 0 ? null : connects.splice(index, 1)[0]!;
}

function keep<T>(list: T[], one: T): void {
  if (list.length >= WAITING_MAX) list.shift();
  list.push(one);
}

function drop<T>(list: T[], one: T): void {
  const index = list.indexOf(one);
  if (index >= 0) list.splice(index, 1);
}

function originOf({ protocol, hostname, port }: ConnectParams): string {
  return `${protocol}//${hostname.replace(/^\[(.*)\]$/, '$1')}:${portOf(protocol, port)}`;
}

function portOf(protocol: string, port: string | number): number {
  return port === '' || port === 0 ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
