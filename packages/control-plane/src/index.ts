export { type OidcSettings, readOidcSettings } from './auth/oidc-settings.ts';
export type { CheckConfig, ConfigCheck } from './config/config-checker.ts';
export { type ControlPlaneOptions, ControlPlaneServer } from './control-plane.ts';
export { copyDatabase } from './store/copy-database.ts';
export { StoredFacts } from './traces/stored-facts.ts';
export { NOT_IN_SPANS, storedReaders } from './traces/stored-readers.ts';
