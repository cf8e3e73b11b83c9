import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { CODE_SCHEMA, checkCode, createConfiguredCode } from '../configured-code.ts';

/** Runs JavaScript from the configuration after all other plugins. */
export const postFunction: PluginDefinition = {
  name: 'post-function',
  schema: CODE_SCHEMA,
  check: checkCode,
  create: (config, { allowsConfiguredCode }) =>
    createConfiguredCode('post-function', config, allowsConfiguredCode),
};
