import { isFieldName, isFieldValue } from '@gatescope/http1';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { DeliveryClient } from '../delivery-client.ts';
import { DeliveryQueue } from '../delivery-queue.ts';
import { queueFields, queueLimitsOf } from '../queue-fields.ts';
import { logEntryOf } from './log-entry.ts';

/** Fields that the message itself decides on. */
const OWN_HEADERS = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'connection']);

/** Tells an HTTP server of every request, in JSON, as Kong's log serializer has it. */
export const httpLog: PluginDefinition = {
  name: 'http-log',
  schema: {
    http_endpoint: {
      type: 'string',
      required: true,
      check: (value) =>
        URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
          ? null
          : 'expected an address that begins with http:// or https://',
    },
    method: { type: 'string', oneOf: ['POST', 'PUT', 'PATCH'], default: 'POST' },
    content_type: {
      type: 'string',
      oneOf: ['application/json', 'application/json; charset=utf-8'],
      default: 'application/json',
    },
    timeout: { type: 'integer', min: 1, max: 2_147_483_646, default: 10_000 },
    keepalive: { type: 'integer', min: 0, max: 2_147_483_646, default: 60_000 },
    ssl_verify: { type: 'boolean', default: true },
    headers: { type: 'map', of: { type: 'string' } },
    custom_fields_by_lua: { type: 'map', of: { type: 'string' } },
    ...queueFields(1),
  },
  check: (config) => {
    const headers = Object.entries((config['headers'] ?? {}) as Record<string, string>);
    const wrong = headers.flatMap(([name, value]) => {
      const path = ['headers', name];
      if (!isFieldName(name) || !isFieldValue(value))
        return [{ path, message: 'no name or value that a header may have' }];
      return OWN_HEADERS.has(name.toLowerCase())
        ? [{ path, message: `${name} is set by the gateway; for the type there is content_type` }]
        : [];
    });
    const fields = Object.keys((config['custom_fields_by_lua'] ?? {}) as object);
    if (fields.length > 0)
      wrong.push({
        path: ['custom_fields_by_lua', fields[0]!],
        message: 'Lua does not run in this gateway; a plugin of your own can change what is logged',
      });
    return wrong;
  },
  create(config, { log }) {
    const timeoutMs = config['timeout'] as number;
    const client = new DeliveryClient({
      url: config['http_endpoint'] as string,
      method: config['method'] as 'POST',
      headers: {
        'content-type': config['content_type'] as string,
        ...(config['headers'] as Record<string, string> | null),
      },
      connectTimeoutMs: timeoutMs,
      timeoutMs,
      keepAliveMs: config['keepalive'] as number,
      verify: config['ssl_verify'] as boolean,
    });
    const limits = queueLimitsOf(config);
    const queue = new DeliveryQueue<string>(limits, {
      deliver: (batch) => client.send(limits.batchEntriesMax === 1 ? batch[0]! : `[${batch.join(',')}]`),
      log,
    });
    return {
      log(exchange) {
        const entry = JSON.stringify(logEntryOf(exchange));
        // Kept as text, two bytes a character at most.
        queue.push(entry, entry.length * 2);
        exchange.debug?.('the request is on its way to the log server', { characters: entry.length });
      },
      close: () => queue.close(),
    };
  },
};
