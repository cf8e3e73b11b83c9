import { existsSync } from 'node:fs';
import { messageOf } from '@gatescope/base';
import { AwsKmsKey } from './aws-kms-key.ts';
import { KeyError } from './key-error.ts';
import type { KeyConfig, KeyProvider } from './key-provider.ts';
import { LocalKey } from './local-key.ts';
import { Pkcs11Key } from './pkcs11-key.ts';

/** Where keys can be kept. */
export type KeyProviderName = 'local' | 'pkcs11' | 'aws-kms';

/** The key that a configuration names. Nothing is reached for yet. */
export function openKey(provider: KeyProviderName, config: KeyConfig): KeyProvider {
  switch (provider) {
    case 'local':
      return new LocalKey(config);
    case 'pkcs11':
      return new Pkcs11Key(config);
    case 'aws-kms':
      return new AwsKmsKey(config);
  }
}

/** Makes a key ready for use, and the key itself where it is ours to make and there is none. Answers the configuration to keep. */
export async function adoptKey(provider: KeyProviderName, config: KeyConfig): Promise<KeyConfig> {
  if (provider === 'pkcs11') return await Pkcs11Key.adopt(config);
  const { path } = config;
  if (provider === 'local' && path !== undefined && !existsSync(path)) {
    try {
      LocalKey.create(path);
    } catch (error) {
      throw new KeyError('unavailable', `the key file ${path} can't be made: ${messageOf(error)}`);
    }
  }
  await openKey(provider, config).describe();
  return config;
}
