import { type EventEmitter, errorMonitor } from 'node:events';
import type { Socket } from 'node:net';
import { currentPlace } from '../plugin-context.ts';
import type { PluginScope } from '../plugin-scope.ts';
import { attribute, SPAN } from '../span-kinds.ts';
import { ioError } from './io-error.ts';

export const PEER_ADDRESS = attribute('network.peer.address');
export const PEER_PORT = attribute('network.peer.port');
export const PROTOCOL = attribute('network.protocol.name');
const DNS_ENTRY = attribute('proxy.kong.dns.entry');

/** A socket that a plugin's code opened. */
export interface WatchedSocket {
  readonly scope: PluginScope;
  /** Index of the span of its connecting. */
  span: number;
  /** Whether a client that has spans of its own uses it. */
  isClaimed: boolean;
}

/** Spans that wait for the socket that will be opened for them. */
interface Awaited {
  readonly scope: PluginScope;
  readonly span: number;
}

const watched = new WeakMap<Socket, WatchedSocket>();
/** Connecting that has been told of and whose socket is opened next in the same scope. */
const awaited: Awaited[] = [];
const AWAITED_MAX = 64;

/** The next socket opened in this scope is the one this span's client connects by. */
export function awaitSocket(scope: PluginScope, span: number): void {
  if (awaited.length >= AWAITED_MAX) awaited.shift();
  awaited.push({ scope, span });
}

/** The client's connecting is over, one way or the other. */
export function forgetAwaited(span: number, scope: PluginScope): void {
  const index = awaited.findIndex((one) => one.span === span && one.scope === scope);
  if (index >= 0) awaited.splice(index, 1);
}

/** What is known of a socket that a plugin's code opened. */
export function watchedSocket(socket: Socket): WatchedSocket | undefined {
  return watched.get(socket);
}

/**
 * `net.client.socket`: told once, when a socket has been made and before it connects; everything else is read from its own events. A
 * socket that no client claims has a span for its connecting, and one from there to the end of what it brought, if that comes while the
 * plugin runs: between two messages of a connection that stays open nobody can tell waiting from resting.
 */
export function onSocketCreated({ socket }: { readonly socket: Socket }): void {
  const place = currentPlace();
  if (place === null) return;
  const { scope } = place;
  const claimed = takeAwaited(scope);
  const startMs = performance.now();
  const span = claimed ?? scope.open(SPAN.ioSocket, 'connect', place.parent, startMs);
  if (span < 0) return;
  if (claimed === null) scope.set(span, PROTOCOL, 'tcp');
  const note: WatchedSocket = { scope, span, isClaimed: claimed !== null };
  watched.set(socket, note);
  followLookup(socket, note, startMs);
  followConnect(socket, note, place.parent);
}

function takeAwaited(scope: PluginScope): number | null {
  const index = awaited.findIndex((one) => one.scope === scope);
  return index < 0 ? null : awaited.splice(index, 1)[0]!.span;
}

type LookupEntry = Record<string, string | boolean>;

/** A name that has to be looked up: told once for each address it has. */
function followLookup(socket: Socket, note: WatchedSocket, startMs: number): void {
  let entries: LookupEntry[] | null = null;
  socket.on('lookup', (error: Error | null, address: string, _family: unknown, host: string) => {
    const { scope } = note;
    const entry: LookupEntry =
      error === null
        ? { name: host, source: 'system', answer: address, cache_hit: false }
        : { name: host, source: 'system', error: ioError(error), cache_hit: false };
    if (entries !== null) {
      entries.push(entry);
      return;
    }
    entries = [entry];
    const span = scope.open(SPAN.dns, null, note.span, startMs);
    scope.set(span, DNS_ENTRY, entries);
    scope.close(span, performance.now(), error === null ? null : ioError(error));
  });
}

function followConnect(socket: Socket, note: WatchedSocket, parent: number): void {
  let connectedMs = Number.NaN;
  socket.once('connect', () => {
    connectedMs = performance.now();
    notePeer(note.scope, note.span, socket);
    if (!note.isClaimed) note.scope.close(note.span, connectedMs);
  });
  (socket as EventEmitter).once(errorMonitor, (error: Error) => {
    if (!note.isClaimed) note.scope.close(note.span, performance.now(), ioError(error));
  });
  const over = () => {
    if (note.isClaimed || Number.isNaN(connectedMs) || socket.bytesRead + socket.bytesWritten === 0) return;
    const { scope } = note;
    const span = scope.open(SPAN.ioSocket, 'receive', parent, connectedMs);
    scope.set(span, PROTOCOL, 'tcp');
    notePeer(scope, span, socket);
    scope.close(span, performance.now());
    connectedMs = Number.NaN;
  };
  socket.once('end', over);
  socket.once('close', over);
}

/** Whom a socket is connected with: an address and a port, or `unix:`, as nginx calls a peer that has neither. */
export function notePeer(scope: PluginScope, span: number, socket: Socket): void {
  const { remoteAddress, remotePort } = socket;
  scope.setOnce(span, PEER_ADDRESS, remoteAddress ?? 'unix:');
  if (remotePort !== undefined) scope.setOnce(span, PEER_PORT, remotePort);
}
