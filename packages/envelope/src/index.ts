export { dataKeyContext, newDataKey, openAt, type SealedKind, type SealedPlace, sealAt } from './envelope.ts';
export { KeyError, type KeyTrouble } from './key-error.ts';
export type { KeyConfig, KeyDescription, KeyProvider, NewDataKey } from './key-provider.ts';
export { LocalKey } from './local-key.ts';
export { adoptKey, type KeyProviderName, openKey } from './open-key.ts';
export { TextKey } from './text-key.ts';
