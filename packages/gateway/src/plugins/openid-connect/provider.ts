import { createHash } from 'node:crypto';
import { messageOf } from '@gatescope/base';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { PluginLog } from '../../pipeline/exchange.ts';
import type { Claims } from './claims.ts';
import { ExpiringCache } from './expiring-cache.ts';
import type { ClientAuth, OidcConfig } from './oidc-fields.ts';
import { ProviderClient } from './provider-client.ts';

/** What a provider says of itself, and its keys. */
export interface Discovered {
  readonly issuer: string;
  readonly introspectionEndpoint: string | null;
  readonly keys: JWTVerifyGetKey;
  readonly atMs: number;
}

/** What answers of introspection take at most, all together. */
const INTROSPECTION_BYTES_MAX = 16 * 1_048_576;
const WELL_KNOWN = '/.well-known/openid-configuration';

/** An identity provider: what it says of itself, its keys, and what it knows of tokens, each kept for a while. */
export class Provider {
  readonly #config: OidcConfig;
  readonly #now: () => number;
  readonly #client: ProviderClient;
  readonly #introspected: ExpiringCache<Claims>;
  #known: Discovered | null = null;
  #discovering: Promise<Discovered> | null = null;

  constructor(config: OidcConfig, now: () => number) {
    this.#config = config;
    this.#now = now;
    this.#client = new ProviderClient({
      timeoutMs: config.timeout,
      verify: config.ssl_verify,
      keepAlive: config.keepalive,
    });
    this.#introspected = new ExpiringCache(INTROSPECTION_BYTES_MAX, now);
  }

  /** Rejects where the provider can't be asked and was never before; what is known stays in use until it can be asked again. */
  async discovered(log: PluginLog): Promise<Discovered> {
    const known = this.#known;
    if (known !== null && this.#now() - known.atMs < this.#lifetimeMs(null)) return known;
    try {
      return await this.#discover(log);
    } catch (error) {
      if (known === null) throw error;
      log.log('warn', `the provider can't be asked, what it said before stays in use: ${messageOf(error)}`);
      // Not again with every request.
      this.#known = {
        ...known,
        atMs: this.#now() - this.#lifetimeMs(null) + this.#config.rediscovery_lifetime * 1_000,
      };
      return known;
    }
  }

  /** As {@link discovered}, where a key is missing: asks again unless that has been done a moment ago. */
  async rediscovered(log: PluginLog): Promise<Discovered> {
    const known = this.#known;
    if (known !== null && this.#now() - known.atMs < this.#config.rediscovery_lifetime * 1_000) {
      log.debug?.('the provider’s keys are fresh: they are not fetched again');
      return known;
    }
    return this.#discover(log);
  }

  /** What the provider says of a token; `active` tells whether it is good. */
  async introspect(token: string, log: PluginLog): Promise<Claims> {
    const key = createHash('sha256').update(token).digest('base64');
    const cached = this.#introspected.get(key);
    if (cached !== undefined) {
      log.debug?.('the token was introspected before');
      return cached;
    }
    const config = this.#config;
    const endpoint = config.introspection_endpoint ?? (await this.discovered(log)).introspectionEndpoint;
    if (endpoint === null)
      throw new Error('the provider names no introspection_endpoint, and the configuration neither');
    const { form, headers } = this.#credentials();
    const claims = await this.#client.post(
      endpoint,
      { token, token_type_hint: config.introspection_hint, ...form },
      headers,
    );
    log.debug?.('the provider was asked about the token', { active: claims['active'] });
    if (config.cache_introspection) {
      const bytes = JSON.stringify(claims).length * 2 + key.length;
      this.#introspected.put(key, claims, bytes, this.#lifetimeMs(claims));
    }
    return claims;
  }

  /** One asks, however many wait. */
  #discover(log: PluginLog): Promise<Discovered> {
    this.#discovering ??= this.#fetch(log).finally(() => {
      this.#discovering = null;
    });
    return this.#discovering;
  }

  async #fetch(log: PluginLog): Promise<Discovered> {
    const { issuer, extra_jwks_uris } = this.#config;
    const url = issuer.includes('/.well-known/') ? issuer : issuer.replace(/\/$/, '') + WELL_KNOWN;
    const document = await this.#client.get(url);
    const said = textOf(document, 'issuer');
    const jwksUri = textOf(document, 'jwks_uri');
    if (said === null || jwksUri === null) throw new Error(`${url}: names no issuer or no jwks_uri`);
    const sets = await Promise.all([jwksUri, ...(extra_jwks_uris ?? [])].map((uri) => this.#client.get(uri)));
    const keys = sets.flatMap((set) => {
      if (!Array.isArray(set['keys'])) throw new Error(`${jwksUri}: has no keys`);
      return set['keys'] as JSONWebKeySet['keys'];
    });
    log.debug?.('the provider and its keys were discovered', { issuer: said, keys: keys.length });
    if (url !== issuer && said.replace(/\/$/, '') !== issuer.replace(/\/$/, ''))
      log.log('warn', `the provider calls itself ${said}, not as the configuration does`);
    this.#known = {
      issuer: said,
      introspectionEndpoint: textOf(document, 'introspection_endpoint'),
      keys: createLocalJWKSet({ keys }),
      atMs: this.#now(),
    };
    return this.#known;
  }

  #credentials(): { form: Record<string, string>; headers: Record<string, string> } {
    const { client_id, client_secret, client_auth, introspection_endpoint_auth_method } = this.#config;
    const id = client_id?.[0] ?? '';
    const secret = client_secret?.[0] ?? '';
    const way: ClientAuth =
      introspection_endpoint_auth_method ??
      client_auth?.[0] ??
      (secret === '' ? 'none' : 'client_secret_basic');
    if (way === 'none') return { form: { client_id: id }, headers: {} };
    if (way === 'client_secret_post') return { form: { client_id: id, client_secret: secret }, headers: {} };
    // RFC 6749, section 2.3.1: both are encoded as in a form before they are joined.
    const encoded = [id, secret]
      .map((part) => new URLSearchParams({ '': part }).toString().slice(1))
      .join(':');
    return { form: {}, headers: { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` } };
  }

  /** How long something is good; of a token no longer than itself. */
  #lifetimeMs(claims: Claims | null): number {
    const { cache_ttl, cache_ttl_min, cache_ttl_max, cache_ttl_neg } = this.#config;
    if (claims !== null && claims['active'] !== true) return (cache_ttl_neg ?? 0) * 1_000;
    const wanted = Math.min(
      Math.max(cache_ttl, cache_ttl_min ?? 0),
      cache_ttl_max ?? Number.POSITIVE_INFINITY,
    );
    const expires = claims?.['exp'];
    const left = typeof expires === 'number' ? expires * 1_000 - this.#now() : Number.POSITIVE_INFINITY;
    return Math.min(wanted * 1_000, left);
  }
}

function textOf(document: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = document[name];
  return typeof value === 'string' && /^https?:\/\//.test(value) ? value : null;
}
