import type { GatewayConfig } from './entities.ts';

type Config = Readonly<Record<string, unknown>>;

/** Where each plugin says what the fields and parameters are called that hold credentials. */
const NAMES: Readonly<Record<string, (config: Config) => readonly string[]>> = {
  'key-auth': (config) => (config['key_names'] ?? []) as string[],
  'openid-connect': (config) =>
    ['bearer_token_cookie_name', 'upstream_access_token_header'].flatMap((field) => {
      const name = (config[field] as string | null | undefined)?.replace(/:bearer$/, '') ?? '';
      // What stands in Authorization is masked anyway, its scheme kept.
      return name === '' || name.toLowerCase() === 'authorization' ? [] : [name];
    }),
};

/** The names that plugins of a configuration take credentials from, or hand them on by. */
export function keyNamesOf({ plugins }: Pick<GatewayConfig, 'plugins'>): string[] {
  const names = plugins.flatMap(({ name, enabled, config }) =>
    enabled && Object.hasOwn(NAMES, name) ? NAMES[name]!(config) : [],
  );
  return [...new Set(names)];
}
