import type { Consumer, Credential, Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { serveAnonymously, setConsumerHeaders } from '../consumer-headers.ts';
import { withoutParameter } from '../without-parameter.ts';

interface Config {
  readonly key_names: readonly string[];
  readonly hide_credentials: boolean;
  readonly anonymous: string | null;
  readonly key_in_header: boolean;
  readonly key_in_query: boolean;
  readonly run_on_preflight: boolean;
  readonly realm: string | null;
}

/** Authenticates consumers by a key in a header or the query. */
export const keyAuth: PluginDefinition = {
  name: 'key-auth',
  schema: {
    key_names: {
      type: 'list',
      of: {
        type: 'string',
        check: (text) => (/^[\w-]+$/.test(text) ? null : 'a key name has letters, digits, _ and -'),
      },
      default: ['apikey'],
      minItems: 1,
    },
    hide_credentials: { type: 'boolean', default: false },
    anonymous: { type: 'string' },
    key_in_header: { type: 'boolean', default: true },
    key_in_query: { type: 'boolean', default: true },
    key_in_body: { type: 'boolean', default: false },
    run_on_preflight: { type: 'boolean', default: true },
    realm: { type: 'string' },
  },
  check: (config) =>
    config['key_in_body'] === true
      ? [{ path: ['key_in_body'], message: 'keys in bodies are not supported: bodies are streamed' }]
      : [],
  create(raw, { consumers }) {
    const config = raw as unknown as Config;
    const byKey = new Map<string, { consumer: Consumer; credential: Credential }>();
    for (const consumer of consumers)
      for (const credential of consumer.keyauth_credentials)
        byKey.set(credential.key, { consumer, credential });
    const anonymous =
      config.anonymous === null
        ? null
        : (consumers.find((one) => one.id === config.anonymous || one.username === config.anonymous) ?? null);
    const challenge = config.realm === null ? 'Key' : `Key realm="${config.realm.replaceAll(/["\\]/g, '')}"`;

    const reject = (exchange: Exchange, message: string) => {
      if (anonymous !== null) {
        exchange.debug?.('served as the anonymous consumer', { instead_of: message });
        serveAnonymously(exchange, anonymous);
        return;
      }
      exchange.fail(401, message, { 'WWW-Authenticate': challenge });
    };

    return {
      access(exchange) {
        if (!config.run_on_preflight && exchange.request.method === 'OPTIONS') {
          exchange.debug?.('a preflight request needs no key');
          return;
        }
        if (exchange.credential !== null && config.anonymous !== null) {
          exchange.debug?.('another plugin has authenticated the request');
          return;
        }
        const found = findKey(exchange, config);
        if (found === null || (found !== 'duplicate' && found.key === '')) {
          exchange.debug?.('no key was sent', { looked_for: config.key_names });
          return reject(exchange, 'No API key found in request');
        }
        if (found === 'duplicate') {
          exchange.debug?.('more than one key was sent');
          return reject(exchange, 'Duplicate API key found');
        }
        const known = byKey.get(found.key);
        if (known === undefined) {
          exchange.debug?.(`no credential has the key in ${found.place}`, { name: found.name });
          return reject(exchange, 'Unauthorized');
        }
        if (config.hide_credentials) hide(exchange, found.name);
        exchange.consumer = known.consumer;
        exchange.credential = known.credential;
        exchange.request.headers.remove('x-anonymous-consumer');
        setConsumerHeaders(exchange, known.consumer);
        exchange.request.headers.set('X-Credential-Identifier', known.credential.id);
        exchange.debug?.(
          `consumer ${known.consumer.username ?? known.consumer.id} authenticated by key in ${found.place}`,
          { name: found.name, credential_id: known.credential.id },
        );
      },
    };
  },
};

interface FoundKey {
  readonly key: string;
  readonly name: string;
  readonly place: 'header' | 'query';
}

/** Names of headers are looked up without regard to case, those of the query with it. */
function findKey(exchange: Exchange, config: Config): FoundKey | 'duplicate' | null {
  const { headers, query } = exchange.request;
  const parameters = config.key_in_query && query !== '' ? new URLSearchParams(query) : null;
  for (const name of config.key_names) {
    const lower = name.toLowerCase();
    if (config.key_in_header) {
      const value = headers.get(lower);
      if (value !== undefined)
        return headers.lowerNames.indexOf(lower) !== headers.lowerNames.lastIndexOf(lower)
          ? 'duplicate'
          : { key: value, name, place: 'header' };
    }
    const values = parameters?.getAll(name) ?? [];
    if (values.length > 1) return 'duplicate';
    if (values[0] !== undefined) return { key: values[0], name, place: 'query' };
  }
  return null;
}

/** Takes the key's name out of what the upstream gets, header and query, wherever the key that counted stood. */
function hide(exchange: Exchange, name: string): void {
  exchange.request.headers.remove(name.toLowerCase());
  exchange.upstreamRequest.query = withoutParameter(exchange.upstreamRequest.query, name);
}
