import diagnostics from 'node:diagnostics_channel';
import { enablePlaces } from '../plugin-context.ts';
import { NODE_HTTP_CHANNELS } from './node-http-io.ts';
import { REDIS_CHANNELS } from './redis-io.ts';
import { onSocketCreated } from './socket-io.ts';
import { UNDICI_CHANNELS } from './undici-io.ts';

const PLAIN: Readonly<Record<string, (message: never) => void>> = {
  ...UNDICI_CHANNELS,
  ...NODE_HTTP_CHANNELS,
  'net.client.socket': onSocketCreated,
};

/** Every subscription there is, each guarded: an observer never breaks what it observes. */
const SUBSCRIPTIONS = [
  ...Object.entries(PLAIN),
  ...Object.entries(REDIS_CHANNELS).flatMap(([name, handlers]) =>
    Object.entries(handlers).map(([event, handler]) => [`tracing:${name}:${event}`, handler] as const),
  ),
].map(([channel, handler]) => ({
  channel,
  listener: (message: unknown) => {
    try {
      handler(message as never);
    } catch {
      failures++;
    }
  },
}));

/** Messages an observer could not read, since the process began. */
let failures = 0;
const observers = new Set<object>();

/**
 * Watches the I/O of plugins for as long as somebody wants to: HTTP by undici, fetch and node:http, Redis by ioredis and node-redis, and
 * sockets, all through diagnostics channels. While nobody does, no channel has a subscriber and no context is kept.
 */
export function observeIo(observer: object, wanted: boolean): void {
  const before = observers.size > 0;
  if (wanted) observers.add(observer);
  else observers.delete(observer);
  const now = observers.size > 0;
  if (before === now) return;
  enablePlaces(now);
  for (const { channel, listener } of SUBSCRIPTIONS) {
    if (now) diagnostics.subscribe(channel, listener);
    else diagnostics.unsubscribe(channel, listener);
  }
}

/** How many messages could not be read. */
export function ioObserverFailures(): number {
  return failures;
}
