import { currentPlace } from '../plugin-context.ts';
import type { PluginScope } from '../plugin-scope.ts';
import { attribute, SPAN } from '../span-kinds.ts';
import { ioError } from './io-error.ts';
import { awaitSocket, forgetAwaited, PEER_ADDRESS, PEER_PORT, PROTOCOL } from './socket-io.ts';

const SERVER_ADDRESS = attribute('server.address');
const SERVER_PORT = attribute('server.port');

/** What ioredis and node-redis publish of a command and of a connection, as far as it is read: never the arguments. */
interface RedisMessage {
  readonly command?: string;
  readonly args?: readonly unknown[];
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly error?: unknown;
}

interface OpenCall {
  readonly scope: PluginScope;
  readonly span: number;
}

/** The message is the same object from the start of a call to its end. */
const calls = new WeakMap<RedisMessage, OpenCall>();
/** Connections under way: what a client says of itself while it connects is not the plugin's. */
const connects: OpenCall[] = [];
const CONNECTS_MAX = 64;

const HANDSHAKE: ReadonlySet<string> = new Set(['hello', 'auth', 'client', 'select', 'info', 'readonly']);
const COMMAND = /^[a-z][a-z0-9_.-]{0,31}$/;

interface TracingHandlers {
  readonly start: (message: RedisMessage) => void;
  readonly asyncEnd: (message: RedisMessage) => void;
  readonly error: (message: RedisMessage) => void;
}

const commands: TracingHandlers = {
  start(message) {
    const place = currentPlace();
    if (place === null) return;
    const { scope } = place;
    const name = String(message.command ?? '').toLowerCase();
    if (isHandshake(scope, name, message.args)) return;
    const span = scope.open(
      SPAN.ioRedis,
      COMMAND.test(name) ? name : 'other',
      place.parent,
      performance.now(),
    );
    if (span < 0) return;
    note(scope, span, message);
    notePeer(scope, span, message);
    calls.set(message, { scope, span });
  },
  asyncEnd(message) {
    const call = calls.get(message);
    if (call === undefined) return;
    calls.delete(message);
    notePeer(call.scope, call.span, message);
    call.scope.close(call.span, performance.now(), errorOf(message));
  },
  error(message) {
    const call = calls.get(message);
    call?.scope.close(call.span, performance.now(), errorOf(message));
  },
};

const connections: TracingHandlers = {
  start(message) {
    const place = currentPlace();
    if (place === null) return;
    const { scope } = place;
    const span = scope.open(SPAN.ioRedis, 'connect', place.parent, performance.now());
    if (span < 0) return;
    note(scope, span, message);
    const call = { scope, span };
    calls.set(message, call);
    if (connects.length >= CONNECTS_MAX) connects.shift();
    connects.push(call);
    awaitSocket(scope, span);
  },
  asyncEnd(message) {
    const call = calls.get(message);
    if (call === undefined) return;
    const index = connects.indexOf(call);
    if (index >= 0) connects.splice(index, 1);
    forgetAwaited(call.span, call.scope);
    commands.asyncEnd(message);
  },
  error: (message) => commands.error(message),
};

/** What is subscribed to, by tracing channel. */
export const REDIS_CHANNELS: Readonly<Record<string, TracingHandlers>> = {
  'ioredis:command': commands,
  'ioredis:connect': connections,
  'node-redis:command': commands,
  'node-redis:connect': connections,
};

/** Clients name themselves, sign in and choose a database when they connect. `CLIENT SETINFO` may also come later. */
function isHandshake(scope: PluginScope, name: string, args: readonly unknown[] | undefined): boolean {
  if (!HANDSHAKE.has(name)) return false;
  if (connects.some((one) => one.scope === scope)) return true;
  return name === 'client' && args?.some((one) => /^(setinfo|setname)$/i.test(String(one))) === true;
}

function note(scope: PluginScope, span: number, { serverAddress, serverPort }: RedisMessage): void {
  scope.set(span, PROTOCOL, 'redis');
  if (serverAddress !== undefined) scope.set(span, SERVER_ADDRESS, serverAddress);
  if (serverPort !== undefined) scope.set(span, SERVER_PORT, serverPort);
}

/** The client tells whom it was told to connect to; a connection that was seen to be made says more precisely. */
function notePeer(scope: PluginScope, span: number, { serverAddress, serverPort }: RedisMessage): void {
  if (serverAddress !== undefined) scope.setOnce(span, PEER_ADDRESS, serverAddress);
  if (serverPort !== undefined) scope.setOnce(span, PEER_PORT, serverPort);
}

/** Redis says what failed in a first word, like WRONGTYPE; what follows may repeat the arguments. */
function errorOf({ error }: RedisMessage): string | null {
  if (error === undefined) return null;
  const { name, message } = error as { name?: unknown; message?: unknown };
  if (name === 'ReplyError' || name === 'SimpleError' || name === 'ErrorReply')
    return /^[A-Z]{2,32}(?= )/.exec(String(message))?.[0] ?? 'ReplyError';
  return ioError(error);
}
