import type { PluginDefinition } from '../../pipeline/plugin.ts';

/** A plugin's configuration, checked and with its defaults; names are Kong's, times seconds but for `timeout` (ms). */
export interface OidcConfig {
  readonly issuer: string;
  readonly issuers_allowed: readonly string[] | null;
  readonly auth_methods: readonly ('bearer' | 'introspection')[];
  readonly bearer_token_param_type: readonly ('header' | 'query' | 'cookie')[];
  readonly bearer_token_cookie_name: string | null;
  readonly client_id: readonly string[] | null;
  readonly client_secret: readonly string[] | null;
  readonly client_auth: readonly ClientAuth[] | null;
  readonly introspection_endpoint: string | null;
  readonly introspection_endpoint_auth_method: ClientAuth | null;
  readonly introspection_hint: string;
  readonly introspect_jwt_tokens: boolean;
  readonly extra_jwks_uris: readonly string[] | null;
  readonly leeway: number;
  readonly timeout: number;
  readonly ssl_verify: boolean;
  readonly keepalive: boolean;
  readonly cache_ttl: number;
  readonly cache_ttl_max: number | null;
  readonly cache_ttl_min: number | null;
  readonly cache_ttl_neg: number | null;
  readonly cache_introspection: boolean;
  readonly rediscovery_lifetime: number;
  readonly consumer_claim: readonly string[] | null;
  readonly consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  readonly consumer_optional: boolean;
  readonly by_username_ignore_case: boolean;
  readonly credential_claim: readonly string[];
  readonly anonymous: string | null;
  readonly run_on_preflight: boolean;
  readonly hide_credentials: boolean;
  readonly upstream_access_token_header: string | null;
  readonly upstream_introspection_header: string | null;
  readonly upstream_headers_claims: readonly string[] | null;
  readonly upstream_headers_names: readonly string[] | null;
  readonly downstream_headers_claims: readonly string[] | null;
  readonly downstream_headers_names: readonly string[] | null;
  readonly realm: string | null;
  readonly unauthorized_error_message: string;
  readonly forbidden_error_message: string;
  readonly display_errors: boolean;
  readonly expose_error_code: boolean;
}

/** How the gateway shows the provider who it is. */
export type ClientAuth = 'client_secret_basic' | 'client_secret_post' | 'none';

const text = { type: 'string' } as const;
const texts = { type: 'list', of: text } as const;
const url = { type: 'string', check: whatUrlLacks } as const;
const seconds = { type: 'number', min: 0 } as const;
const clientAuth = {
  type: 'string',
  oneOf: ['client_secret_basic', 'client_secret_post', 'none'],
} as const;
const headerName = {
  type: 'string',
  check: (name: string) =>
    /^[!#$%&'*+.^_`|~\w-]+(:bearer)?$/.test(name)
      ? null
      : 'a header has letters, digits and - in its name, and may end with :bearer',
} as const;

/** What is wanted of a token's claims; see `CLAIM_RULES`. */
const required = (claim: string) => ({
  [`${claim}_required`]: texts,
  [`${claim}_claim`]: { ...texts, default: [CLAIM_OF[claim]!], minItems: 1 },
});
const CLAIM_OF: Readonly<Record<string, string>> = {
  scopes: 'scope',
  audience: 'aud',
  groups: 'groups',
  roles: 'roles',
};

/** Kong's fields that have no effect here, with the only value they may have: its default. */
const FIXED: Readonly<Record<string, unknown>> = {
  verify_signature: true,
  verify_claims: true,
  enable_hs_signatures: false,
  ignore_signature: [],
  verify_parameters: false,
  http_version: 1.1,
  scopes: ['openid'],
  response_mode: 'query',
  response_type: ['code'],
  cache_tokens: true,
  cache_user_info: true,
  cache_token_exchange: true,
  search_user_info: false,
  using_pseudo_issuer: false,
  revalidate_token: false,
  logout_revoke: false,
  refresh_tokens: true,
  preserve_query_args: false,
  disable_session: null,
};

/** Fields of Kong's that are known and not supported: of signing people in, sessions, other grants, proxies and proofs. */
const UNSUPPORTED =
  `authorization_cookie_name authorization_endpoint authorization_query_args_client authorization_query_args_names
authorization_query_args_values client_alg client_arg client_credentials_param_type client_jwk cluster_cache_redis cluster_cache_strategy
consumer_groups_claim consumer_groups_optional dpop_proof_lifetime dpop_use_nonce domains end_session_endpoint forbidden_redirect_uri
groups_optional http_proxy http_proxy_authorization https_proxy https_proxy_authorization id_token_param_name introspection_headers_client
introspection_headers_names introspection_headers_values introspection_post_args_client introspection_post_args_names
introspection_post_args_values jwt_session_claim jwt_session_cookie keys_names login_action login_methods login_redirect_uri login_tokens
logout_methods logout_post_arg logout_query_arg logout_redirect_uri logout_uri_suffix max_age mtls_introspection_endpoint
mtls_revocation_endpoint mtls_token_endpoint no_proxy password_param_type pkce pushed_authorization_request_endpoint proof_of_possession_dpop
proof_of_possession_mtls redirect_uri redis refresh_token_param_name refresh_token_param_type require_proof_key_for_code_exchange
resolve_distributed_claims revocation_endpoint session_audience session_cookie_name session_secret session_storage tls_client_auth_cert_id
token_endpoint token_endpoint_auth_method token_exchange_endpoint token_headers_client token_post_args_client unauthorized_redirect_uri
unexpected_redirect_uri upstream_access_token_jwk_header upstream_id_token_header upstream_id_token_jwk_header upstream_refresh_token_header
upstream_session_id_header upstream_user_info_header upstream_user_info_jwt_header userinfo_endpoint`.split(
    /\s+/,
  );

const METHODS = ['bearer', 'introspection'];

export const OIDC_FIELDS: PluginDefinition['schema'] = {
  issuer: { ...url, required: true },
  issuers_allowed: texts,
  auth_methods: texts,
  bearer_token_param_type: {
    type: 'list',
    of: { type: 'string', oneOf: ['header', 'query', 'cookie', 'body'] },
    default: ['header', 'query'],
    minItems: 1,
  },
  bearer_token_cookie_name: text,
  client_id: texts,
  client_secret: texts,
  client_auth: { type: 'list', of: clientAuth },
  introspection_endpoint: url,
  introspection_endpoint_auth_method: clientAuth,
  introspection_hint: { ...text, default: 'access_token' },
  introspect_jwt_tokens: { type: 'boolean', default: false },
  extra_jwks_uris: { type: 'list', of: url },
  leeway: { ...seconds, default: 0 },
  timeout: { type: 'integer', min: 1, max: 2_147_483_646, default: 10_000 },
  ssl_verify: { type: 'boolean', default: true },
  keepalive: { type: 'boolean', default: true },
  cache_ttl: { ...seconds, default: 3_600 },
  cache_ttl_max: seconds,
  cache_ttl_min: seconds,
  cache_ttl_neg: seconds,
  cache_introspection: { type: 'boolean', default: true },
  rediscovery_lifetime: { ...seconds, default: 30 },
  consumer_claim: texts,
  consumer_by: {
    type: 'list',
    of: { type: 'string', oneOf: ['id', 'username', 'custom_id'] },
    default: ['username', 'custom_id'],
  },
  consumer_optional: { type: 'boolean', default: false },
  by_username_ignore_case: { type: 'boolean', default: false },
  credential_claim: { ...texts, default: ['sub'], minItems: 1 },
  anonymous: text,
  run_on_preflight: { type: 'boolean', default: true },
  hide_credentials: { type: 'boolean', default: false },
  upstream_access_token_header: { ...headerName, default: 'authorization:bearer' },
  upstream_introspection_header: headerName,
  upstream_headers_claims: texts,
  upstream_headers_names: { type: 'list', of: headerName },
  downstream_headers_claims: texts,
  downstream_headers_names: { type: 'list', of: headerName },
  realm: text,
  unauthorized_error_message: { ...text, default: 'Unauthorized' },
  forbidden_error_message: { ...text, default: 'Forbidden' },
  display_errors: { type: 'boolean', default: false },
  expose_error_code: { type: 'boolean', default: true },
  ...Object.assign({}, ...Object.keys(CLAIM_OF).map(required)),
  ...Object.fromEntries(
    [...Object.keys(FIXED), ...UNSUPPORTED].map((name) => [name, { type: 'any' } as const]),
  ),
};

/** What of a configuration this gateway can't do, and what does not fit together. */
export function checkOidc(
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<PluginDefinition['check']>> {
  const wrong: { path: (string | number)[]; message: string }[] = [];
  const tell = (path: (string | number)[], message: string) => wrong.push({ path, message });
  const methods = config['auth_methods'] as readonly string[] | null;
  if (methods === null)
    tell(
      ['auth_methods'],
      'name the methods: bearer, introspection or both (left out they are all of Kong’s, and this gateway has no others)',
    );
  else if (methods.length === 0) tell(['auth_methods'], 'expected at least 1 item');
  methods?.forEach((method, index) => {
    if (!METHODS.includes(method))
      tell(
        ['auth_methods', index],
        `${method} is not supported by this gateway, which checks tokens and signs nobody in: bearer, introspection`,
      );
  });
  const places = config['bearer_token_param_type'] as readonly string[];
  if (places.includes('body'))
    tell(['bearer_token_param_type'], 'tokens in bodies are not supported: bodies are streamed');
  if (places.includes('cookie') && config['bearer_token_cookie_name'] === null)
    tell(['bearer_token_cookie_name'], 'tokens in cookies need the name of the cookie');
  if (
    methods?.includes('introspection') === true &&
    (config['client_id'] as readonly string[] | null)?.[0] === undefined
  )
    tell(['client_id'], 'introspection needs a client_id, by which the provider knows this gateway');
  for (const name of ['client_id', 'client_secret', 'client_auth'])
    if (((config[name] as readonly string[] | null)?.length ?? 0) > 1)
      tell([name], 'one client is supported by this gateway, the list holds more');
  for (const side of ['upstream', 'downstream'])
    if (lengthOf(config[`${side}_headers_claims`]) !== lengthOf(config[`${side}_headers_names`]))
      tell([`${side}_headers_names`], `as many names as ${side}_headers_claims has claims`);
  for (const [name, value] of Object.entries(FIXED))
    if (config[name] !== null && JSON.stringify(config[name]) !== JSON.stringify(value))
      tell([name], `not supported by this gateway but for ${JSON.stringify(value)}: leave it out`);
  for (const name of UNSUPPORTED)
    if (config[name] !== null && lengthOf(config[name]) !== 0)
      tell([name], 'not supported by this gateway: leave it out');
  return wrong;
}

/** Of a list; null counts as empty, anything else as 1. */
function lengthOf(value: unknown): number {
  if (value === null) return 0;
  return Array.isArray(value) ? value.length : 1;
}

function whatUrlLacks(value: string): string | null {
  try {
    return /^https?:$/.test(new URL(value).protocol)
      ? null
      : 'expected an address that begins with http:// or https://';
  } catch {
    return 'expected an address that begins with http:// or https://';
  }
}
