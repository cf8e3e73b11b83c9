import type { GatewayConfig } from './entities.ts';

/** The names that the key-auth plugins of a configuration take keys from. */
export function keyNamesOf({ plugins }: Pick<GatewayConfig, 'plugins'>): string[] {
  const names = new Set<string>();
  for (const { name, enabled, config } of plugins) {
    if (name !== 'key-auth' || !enabled) continue;
    for (const key of (config['key_names'] ?? []) as string[]) names.add(key);
  }
  return [...names];
}
