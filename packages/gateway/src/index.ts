export { type ConfigCheck, checkConfig } from './config/check-config.ts';
export { DataPlane, type DataPlaneOptions } from './node/data-plane.ts';
export { runWorkerProcess } from './node/worker-process.ts';
export {
  type GatewaySettings,
  type KeyPair,
  readGatewaySettings,
  type SettingDefaults,
} from './settings/gateway-settings.ts';
