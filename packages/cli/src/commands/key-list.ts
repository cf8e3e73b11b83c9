import type { Key, List } from '@gatescope/protocol';
import { fitted, table } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

export const keyList: Command = {
  name: 'key list',
  summary: 'Lists the keys that sessions are sealed with, and whether they can be reached.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: { json: API_OPTIONS.json },
  async run(given) {
    const keys = await apiOf(given).api.get<List<Key>>('/keys');
    if (given.values['json'] === true) printJson(keys);
    else
      process.stdout.write(
        table(
          ['KEY', 'NAME', 'PROVIDER', 'STATE', 'WHY'],
          keys.data.map((key) => [
            key.id,
            key.name,
            key.provider,
            key.state,
            fitted(key.reason ?? '', 80).trimEnd(),
          ]),
        ),
      );
    return 0;
  },
};
