import { AppError } from '@gatescope/base';
import type { Key } from '@gatescope/protocol';
import { type Command, textOf } from './command.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

export const keyAdd: Command = {
  name: 'key add',
  summary:
    'Registers a key. Secrets are named by environment variable or file of the control plane, never given.',
  usage: 'NAME FIELD=VALUE … [options]',
  arguments: { min: 1, max: 20 },
  options: {
    provider: { type: 'string', placeholder: 'PROVIDER', help: 'local (default), pkcs11 or aws-kms' },
    json: API_OPTIONS.json,
  },
  examples: [
    'gatescope key add second path=/etc/gatescope/second.key',
    'gatescope key add hsm --provider pkcs11 library=/usr/lib/softhsm/libsofthsm2.so token_label=traces key_label=gatescope pin_env=HSM_PIN',
    'gatescope key add aws --provider aws-kms key_arn=arn:aws:kms:… region=eu-central-1',
  ],
  async run(given) {
    const [name, ...fields] = given.positionals;
    const config = Object.fromEntries(
      fields.map((field) => {
        const at = field.indexOf('=');
        if (at < 1)
          throw new AppError(
            'invalid_request',
            `${field} is no field; write name=value, such as path=/etc/a.key`,
          );
        return [field.slice(0, at), field.slice(at + 1)];
      }),
    );
    const provider = textOf(given, 'provider') ?? 'local';
    const key = await apiOf(given).api.post<Key>('/keys', { name, provider, config });
    if (given.values['json'] === true) printJson(key);
    else
      process.stdout.write(
        `${key.id}\nRegistered. Seal new sessions with it: gatescope key activate ${key.id}\n`,
      );
    return 0;
  },
};
