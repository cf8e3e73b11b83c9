import { messageOf } from '@gatescope/base';
import { isFieldValue } from '@gatescope/http1';
import type { Consumer, Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { serveAnonymously, setConsumerHeaders } from '../consumer-headers.ts';
import { type Claims, claimAt, headerValue, missing, requirementsOf, textAt } from './claims.ts';
import { type FoundToken, findToken, hideToken } from './find-token.ts';
import { checkOidc, OIDC_FIELDS, type OidcConfig } from './oidc-fields.ts';
import { Provider } from './provider.ts';
import { looksSigned, verifyToken } from './verify-token.ts';

/** What a token turned out to be: good, or not, and why. */
type Judged = { readonly claims: Claims } | { readonly refused: string };

const DOWNSTREAM = 'openid-connect:downstream';

/** Lets requests pass whose bearer token an OpenID Connect provider vouches for: by its keys, or asked about each token. */
export const openidConnect: PluginDefinition = {
  name: 'openid-connect',
  schema: OIDC_FIELDS,
  check: checkOidc,
  create(raw, { consumers, now }) {
    const config = raw as unknown as OidcConfig;
    const provider = new Provider(config, now);
    const requirements = requirementsOf(raw);
    const consumerOf = consumerFinder(config, consumers);
    const anonymous =
      consumers.find(
        ({ id, username }) => config.anonymous !== null && [id, username].includes(config.anonymous),
      ) ?? null;
    const realm = (config.realm ?? new URL(config.issuer).host).replaceAll(/["\\]/g, '');

    const refuse = (exchange: Exchange, status: 401 | 403, error: string | null, reason: string) => {
      exchange.debug?.(`not let pass: ${reason}`);
      if (anonymous !== null) return serveAnonymously(exchange, anonymous);
      const code = error !== null && config.expose_error_code ? `, error="${error}"` : '';
      const message = status === 401 ? config.unauthorized_error_message : config.forbidden_error_message;
      exchange.fail(status, config.display_errors ? `${message} (${reason})` : message, {
        'WWW-Authenticate': `Bearer realm="${realm}"${code}`,
      });
    };

    const verify = async (token: string, exchange: Exchange): Promise<Judged> => {
      const judge = async (of: ReturnType<Provider['discovered']>) =>
        verifyToken(token, await of, config.issuers_allowed, config.leeway, now());
      let verified = await judge(provider.discovered(exchange));
      if (verified.claims === null && verified.isKeyUnknown) {
        exchange.debug?.('the token is signed with a key that is not known');
        verified = await judge(provider.rediscovered(exchange));
      }
      if (verified.claims === null) return { refused: verified.reason };
      exchange.debug?.('the token’s signature, issuer and times are good');
      return { claims: verified.claims };
    };

    const introspect = async (token: string, exchange: Exchange): Promise<Judged> => {
      const claims = await provider.introspect(token, exchange);
      if (claims['active'] !== true) return { refused: 'the provider says that the token is not active' };
      return { claims };
    };

    const judge = async (token: string, exchange: Exchange): Promise<Judged> => {
      const introspects = config.auth_methods.includes('introspection');
      const isSigned = looksSigned(token);
      if (config.auth_methods.includes('bearer') && isSigned) {
        const judged = await verify(token, exchange);
        if ('refused' in judged || !introspects || !config.introspect_jwt_tokens) return judged;
      }
      if (introspects) return introspect(token, exchange);
      return { refused: 'the token is no signed JWT, and introspection is not among auth_methods' };
    };

    const accept = (exchange: Exchange, found: FoundToken, claims: Claims) => {
      const lacking = missing(claims, requirements);
      if (lacking !== null)
        return refuse(
          exchange,
          403,
          'insufficient_scope',
          `the token does not have the ${lacking.name} required`,
        );
      let consumer: Consumer | null = null;
      if (config.consumer_claim !== null) {
        const name = textAt(claims, config.consumer_claim);
        consumer = name === undefined ? null : consumerOf(name);
        if (consumer === null && !config.consumer_optional)
          return refuse(
            exchange,
            403,
            null,
            `no consumer is called what ${config.consumer_claim.join('.')} says`,
          );
      }
      const credential = textAt(claims, config.credential_claim);
      const { headers } = exchange.request;
      headers.remove('x-anonymous-consumer');
      for (const name of [
        'x-consumer-id',
        'x-consumer-custom-id',
        'x-consumer-username',
        'x-credential-identifier',
      ])
        headers.remove(name);
      if (consumer !== null) {
        exchange.consumer = consumer;
        setConsumerHeaders(exchange, consumer);
      }
      if (credential !== undefined) {
        exchange.credential = { id: credential };
        if (isFieldValue(credential)) headers.set('X-Credential-Identifier', credential);
      }
      tellUpstream(exchange, found, claims, config);
      exchange.debug?.(
        consumer === null ? 'authenticated' : `consumer ${consumer.username ?? consumer.id} authenticated`,
        { place: found.place },
      );
    };

    return {
      async access(exchange) {
        if (!config.run_on_preflight && exchange.request.method === 'OPTIONS') return;
        if (exchange.credential !== null && config.anonymous !== null) return;
        const found = findToken(exchange, config);
        if (found === null)
          return refuse(
            exchange,
            401,
            null,
            `no bearer token in ${config.bearer_token_param_type.join(', ')}`,
          );
        exchange.debug?.(`a bearer token is in ${found.place}`);
        let judged: Judged;
        try {
          judged = await judge(found.token, exchange);
        } catch (error) {
          exchange.log('error', `the identity provider can't be asked: ${messageOf(error)}`);
          exchange.fail(500, 'An unexpected error occurred');
          return;
        }
        if ('refused' in judged) refuse(exchange, 401, 'invalid_token', judged.refused);
        else accept(exchange, found, judged.claims);
      },
      ...(lengthOf(config.downstream_headers_claims) === 0
        ? {}
        : {
            headerFilter(exchange) {
              const values = exchange.shared.get(DOWNSTREAM) as readonly [string, string][] | undefined;
              for (const [name, value] of values ?? []) exchange.response?.headers.set(name, value);
            },
          }),
    };
  },
};

const lengthOf = (list: readonly string[] | null) => list?.length ?? 0;

function consumerFinder(
  config: OidcConfig,
  consumers: readonly Consumer[],
): (name: string) => Consumer | null {
  const folded = (name: string) => (config.by_username_ignore_case ? name.toLowerCase() : name);
  const maps = config.consumer_by.map((field) => {
    const fold = field === 'username' ? folded : (name: string) => name;
    const known = consumers.flatMap((consumer) => {
      const name = consumer[field];
      return name === null ? [] : [[fold(name), consumer] as const];
    });
    return { fold, byName: new Map(known) };
  });
  return (name) => {
    for (const { fold, byName } of maps) {
      const consumer = byName.get(fold(name));
      if (consumer !== undefined) return consumer;
    }
    return null;
  };
}

/** Hands on the token and what it says, as the configuration wants it. What can't stand in a header is left out. */
function tellUpstream(exchange: Exchange, found: FoundToken, claims: Claims, config: OidcConfig): void {
  if (config.hide_credentials) hideToken(exchange, found, config);
  const { headers } = exchange.request;
  const set = (header: string, value: string | undefined) => {
    const name = header.replace(/:bearer$/, '');
    if (value === undefined || !isFieldValue(value)) headers.remove(name.toLowerCase());
    else headers.set(name, header === name ? value : `Bearer ${value}`);
  };
  const tokenHeader = config.upstream_access_token_header;
  const isHidden = config.hide_credentials && /^authorization(:|$)/i.test(tokenHeader ?? '');
  if (tokenHeader !== null && !isHidden) set(tokenHeader, found.token);
  if (config.upstream_introspection_header !== null)
    set(config.upstream_introspection_header, claims['active'] === true ? headerValue(claims) : undefined);
  config.upstream_headers_claims?.forEach((claim, index) => {
    set(config.upstream_headers_names![index]!, headerValue(claimAt(claims, [claim])));
  });
  const downstream = (config.downstream_headers_claims ?? []).flatMap((claim, index) => {
    const value = headerValue(claimAt(claims, [claim]));
    return value === undefined || !isFieldValue(value)
      ? []
      : [[config.downstream_headers_names![index]!, value] as const];
  });
  if (downstream.length > 0) exchange.shared.set(DOWNSTREAM, downstream);
}
