/** The plugins that benchmarks measure with, as entries of a kong.yml. */
export const THREE_PLUGINS = [
  { name: 'key-auth' },
  { name: 'rate-limiting', config: { minute: 1_000_000_000, policy: 'local' } },
  { name: 'correlation-id', config: { header_name: 'X-Correlation-Id' } },
];

/** Header fields of somebody whom they let through, and the `consumers` that he is one of. */
export const CALLER = { apikey: 'bench-key' };
export const CONSUMERS = [{ username: 'bench', keyauth_credentials: [{ key: CALLER.apikey }] }];
