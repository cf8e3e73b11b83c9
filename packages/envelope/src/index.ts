export { dataKeyContext, newDataKey, openAt, type SealedKind, type SealedPlace, sealAt } from './envelope.ts';
export type { KeyProvider } from './key-provider.ts';
export { LocalKey } from './local-key.ts';
