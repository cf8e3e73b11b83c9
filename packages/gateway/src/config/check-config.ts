import type { ErrorDetail } from '@gatescope/base';
import { bundledPlugins } from '../plugins/registry.ts';
import { keyNamesOf } from './key-names.ts';
import { loadConfig, type PluginSchemas } from './load-config.ts';

/** What a configuration is found to be, for those that do not run it: its errors, or what sessions can be scoped to. */
export type ConfigCheck =
  | {
      readonly ok: true;
      readonly hash: string;
      /** The file's content as plain data. */
      readonly document: Readonly<Record<string, unknown>>;
      readonly warnings: readonly ErrorDetail[];
      readonly services: readonly { readonly id: string; readonly name: string | null }[];
      readonly routes: readonly {
        readonly id: string;
        readonly name: string | null;
        readonly service_id: string | null;
      }[];
      readonly consumers: readonly { readonly id: string; readonly name: string | null }[];
      /** The names of headers and parameters that hold API keys. */
      readonly keyNames: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** Checks a kong.yml as a gateway with these plugins would. Never throws. */
export function checkConfig(text: string, plugins: PluginSchemas = bundledPlugins): ConfigCheck {
  const loaded = loadConfig(text, plugins);
  if (!loaded.ok) return loaded;
  const { config, document, warnings } = loaded;
  return {
    ok: true,
    hash: config.hash,
    document,
    warnings,
    services: config.services.map(({ id, name }) => ({ id, name })),
    routes: config.routes.map(({ id, name, service }) => ({ id, name, service_id: service?.id ?? null })),
    consumers: config.consumers.map(({ id, username, custom_id }) => ({ id, name: username ?? custom_id })),
    keyNames: keyNamesOf(config),
  };
}
