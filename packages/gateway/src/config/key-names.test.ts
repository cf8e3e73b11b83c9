import { expect, it } from 'vitest';
import type { PluginEntity } from './entities.ts';
import { keyNamesOf } from './key-names.ts';

const plugin = (name: string, config: object, enabled = true) => ({ name, config, enabled }) as PluginEntity;

it('keyNamesOf() has what key-auth takes keys from and where openid-connect finds and puts tokens', () => {
  const plugins = [
    plugin('key-auth', { key_names: ['apikey', 'x-key'] }),
    plugin('key-auth', { key_names: ['apikey', 'other'] }),
    plugin('key-auth', { key_names: ['unused'] }, false),
    plugin('openid-connect', {
      bearer_token_cookie_name: 'jwt',
      upstream_access_token_header: 'X-Token:bearer',
    }),
    plugin('openid-connect', {
      bearer_token_cookie_name: null,
      upstream_access_token_header: 'authorization:bearer',
    }),
    plugin('constructor', {}),
  ];
  expect(keyNamesOf({ plugins })).toEqual(['apikey', 'x-key', 'other', 'jwt', 'X-Token']);
});
