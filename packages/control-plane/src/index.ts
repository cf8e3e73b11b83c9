export type { CheckConfig, ConfigCheck } from './config/config-checker.ts';
export { type ControlPlaneOptions, ControlPlaneServer } from './control-plane.ts';
