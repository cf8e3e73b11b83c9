import type { PluginDefinition } from '../../pipeline/plugin.ts';
import type { RedisOptions } from './redis-counters.ts';

const port = { type: 'integer', min: 0, max: 65_535 } as const;
const timeout = { type: 'integer', min: 1, max: 2_147_483_646 } as const;

/** How Redis is reached: Kong's record `redis`, and the fields that it had before with `redis_` in front. */
export const REDIS_FIELDS: PluginDefinition['schema'] = {
  redis: {
    type: 'record',
    fields: {
      host: { type: 'string' },
      port,
      username: { type: 'string' },
      password: { type: 'string' },
      database: { type: 'integer', min: 0 },
      timeout,
      ssl: { type: 'boolean' },
      ssl_verify: { type: 'boolean' },
      server_name: { type: 'string' },
    },
  },
  redis_host: { type: 'string' },
  redis_port: port,
  redis_username: { type: 'string' },
  redis_password: { type: 'string' },
  redis_database: { type: 'integer', min: 0 },
  redis_timeout: timeout,
  redis_ssl: { type: 'boolean' },
  redis_ssl_verify: { type: 'boolean' },
  redis_server_name: { type: 'string' },
};

/** What keeps Redis from being reached by these fields. */
export function checkRedis(
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<PluginDefinition['check']>> {
  return fieldOf(config, 'host') === null
    ? [{ path: ['redis'], message: 'policy redis needs redis.host, the name or address of the Redis' }]
    : [];
}

/** The fields with Kong's defaults; the record goes before the older fields. */
export function redisOptionsOf(config: Readonly<Record<string, unknown>>): RedisOptions {
  const text = (name: string) => fieldOf(config, name) as string | null;
  const number = (name: string, fallback: number) => (fieldOf(config, name) as number | null) ?? fallback;
  return {
    host: text('host')!,
    port: number('port', 6_379),
    username: text('username'),
    password: text('password'),
    database: number('database', 0),
    timeoutMs: number('timeout', 2_000),
    tls:
      fieldOf(config, 'ssl') === true
        ? { verify: fieldOf(config, 'ssl_verify') === true, serverName: text('server_name') }
        : null,
  };
}

function fieldOf(config: Readonly<Record<string, unknown>>, name: string): unknown {
  const record = config['redis'] as Readonly<Record<string, unknown>> | null;
  return record?.[name] ?? config[`redis_${name}`] ?? null;
}
