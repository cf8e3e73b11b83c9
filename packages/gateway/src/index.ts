export { type ConfigCheck, checkConfig } from './config/check-config.ts';
export { type GatewaySettings, readGatewaySettings, type SettingDefaults } from './settings/gateway-settings.ts';
export { GatewayWorker, type WorkerOptions } from './worker.ts';
