export { type ConfigCheck, checkConfig } from './config/check-config.ts';
export { DataPlane, type DataPlaneOptions } from './node/data-plane.ts';
export { runWorkerProcess } from './node/worker-process.ts';
export { loadPlugins } from './plugins/custom-plugins.ts';
export type { PluginRegistry } from './plugins/registry.ts';
export {
  type GatewaySettings,
  type KeyPair,
  readGatewaySettings,
  readPluginSettings,
  type SettingDefaults,
} from './settings/gateway-settings.ts';
