import type { ErrorDetail } from '@gatescope/base';
import { readConfigFile } from '../setup/config-file.ts';
import { detailText } from '../terminal/failure.ts';
import { green, yellow } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

interface PushAnswer {
  readonly hash: string;
  readonly services: number;
  readonly routes: number;
  readonly warnings: readonly ErrorDetail[];
}

export const configPush: Command = {
  name: 'config push',
  summary:
    'Makes a kong.yml the configuration of a control plane; its nodes take it without dropping a request.',
  usage: 'FILE [options]',
  arguments: { min: 1, max: 1 },
  options: API_OPTIONS,
  async run(given) {
    const text = readConfigFile(given.positionals[0]!);
    const { api, path } = apiOf(given);
    const answer = await api.putText<PushAnswer>(`${path}/config`, 'application/yaml', text);
    if (given.values['json'] === true) printJson(answer);
    else {
      for (const warning of answer.warnings)
        process.stdout.write(`${yellow('warning')}  ${detailText(warning, '  ')}\n`);
      process.stdout.write(
        `${green('pushed')}  ${answer.services} services, ${answer.routes} routes; hash ${answer.hash}\n`,
      );
    }
    return 0;
  },
};
