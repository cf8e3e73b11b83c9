import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError, messageOf } from '@gatescope/base';
import type { FieldSchema } from '../config/field-schema.ts';
import type { PluginDefinition } from '../pipeline/plugin.ts';
import { registerPluginTracing } from '../tracing/own-spans/plugin-tracing.ts';
import { BUNDLED_NAMES, PluginRegistry } from './registry.ts';

/** Which plugins a node may run. */
export interface PluginSettings {
  /** `bundled`, `off`, and names; Kong's `plugins`. */
  readonly names: readonly string[];
  /** Folder of the plugins that do not come with the gateway; null: there is none. */
  readonly directory: string | null;
}

/** Where a plugin called `name` may lie below the folder. */
const PLACES = (name: string) => [`${name}.mjs`, `${name}.js`, `${name}/index.mjs`, `${name}/index.js`];
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const FIELD_TYPES: ReadonlySet<unknown> = new Set<FieldSchema['type']>([
  'string',
  'integer',
  'number',
  'boolean',
  'list',
  'map',
  'record',
  'any',
]);

/**
 * Loads what the settings name. Rejects with `invalid_config` that says which plugin can't be had, where it was looked for, and what is wrong
 * with it. Code is loaded once a process: a changed plugin needs a restart.
 */
export async function loadPlugins(settings: PluginSettings): Promise<PluginRegistry> {
  const { names } = settings;
  if (names.includes('off')) return new PluginRegistry([]);
  const bundled = names.includes('bundled') ? null : names.filter((name) => BUNDLED_NAMES.includes(name));
  const custom = [...new Set(names)].filter((name) => name !== 'bundled' && !BUNDLED_NAMES.includes(name));
  // Their code may ask for its tracer when it is loaded, through a copy of the API of its own.
  if (custom.length > 0) registerPluginTracing();
  const definitions: PluginDefinition[] = [];
  for (const name of custom) definitions.push(await loadPlugin(name, settings.directory));
  return new PluginRegistry(bundled, definitions);
}

async function loadPlugin(name: string, directory: string | null): Promise<PluginDefinition> {
  const wrong = (message: string) => new AppError('invalid_config', `plugin ${name}: ${message}`);
  if (!NAME.test(name))
    throw wrong('a name begins with a letter and has small letters, digits, - and _ only (KONG_PLUGINS)');
  if (directory === null)
    throw wrong('it does not come with the gateway, and KONG_PLUGINS_DIR names no folder to look for it in');
  const file = PLACES(name)
    .map((place) => join(resolve(directory), place))
    .find((path) => existsSync(path));
  if (file === undefined)
    throw wrong(`neither ${PLACES(name).join(', ')} is in ${resolve(directory)} (KONG_PLUGINS_DIR)`);
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw wrong(`${file} can't be loaded: ${messageOf(error)}`);
  }
  const found = whatIsWrong(name, module.default);
  if (found !== null) throw wrong(`${file}: ${found}`);
  return module.default as PluginDefinition;
}

/** What keeps a module's export from being a plugin; null: nothing. */
function whatIsWrong(name: string, value: unknown): string | null {
  if (typeof value !== 'object' || value === null)
    return 'its default export is no plugin, { name, schema, create }';
  const plugin = value as Partial<Record<keyof PluginDefinition, unknown>>;
  if (plugin.name !== name) return `it calls itself ${JSON.stringify(plugin.name)}`;
  if (typeof plugin.create !== 'function') return 'create is no function';
  if (plugin.check !== undefined && typeof plugin.check !== 'function') return 'check is no function';
  if (plugin.priority !== undefined && !Number.isFinite(plugin.priority)) return 'priority is no number';
  if (typeof plugin.schema !== 'object' || plugin.schema === null) return 'schema is no record of fields';
  return fieldsWrong(plugin.schema as Record<string, unknown>, 'schema');
}

function fieldsWrong(fields: Readonly<Record<string, unknown>>, path: string): string | null {
  for (const [key, value] of Object.entries(fields)) {
    const at = `${path}.${key}`;
    const field = (value ?? {}) as { type?: unknown; of?: unknown; fields?: unknown };
    if (!FIELD_TYPES.has(field.type))
      return `${at}.type is ${JSON.stringify(field.type)}; it is one of ${[...FIELD_TYPES].join(', ')}`;
    if (field.type === 'list' || field.type === 'map') {
      const inner = fieldsWrong({ of: field.of }, at);
      if (inner !== null) return inner;
    }
    if (field.type !== 'record') continue;
    if (typeof field.fields !== 'object' || field.fields === null)
      return `${at}.fields is no record of fields`;
    const inner = fieldsWrong(field.fields as Record<string, unknown>, `${at}.fields`);
    if (inner !== null) return inner;
  }
  return null;
}
