import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { CODE_SCHEMA, checkCode, createConfiguredCode } from '../configured-code.ts';

/** Runs JavaScript from the configuration before all other plugins. */
export const preFunction: PluginDefinition = {
  name: 'pre-function',
  schema: CODE_SCHEMA,
  check: checkCode,
  create: (config, { allowsConfiguredCode }) =>
    createConfiguredCode('pre-function', config, allowsConfiguredCode),
};
