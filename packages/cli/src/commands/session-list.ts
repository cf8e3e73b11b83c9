import type { List, Session } from '@gatescope/protocol';
import { fitted, table } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, printJson, stateOf } from './shared.ts';

export const sessionList: Command = {
  name: 'session list',
  summary: 'Lists sessions, newest first.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: API_OPTIONS,
  async run(given) {
    const { api, path } = apiOf(given);
    const list = await api.get<List<Session>>(`${path}/sessions`);
    if (given.values['json'] === true) printJson(list);
    else if (list.data.length === 0)
      process.stdout.write('No session yet. Start one with gatescope session start.\n');
    else {
      const rows = list.data.map((session) => [
        session.id,
        stateOf(session),
        `${session.counts.traces}/${session.max_traces}`,
        session.created_at.slice(0, 19).replace('T', ' '),
        fitted(
          [session.name, session.rule ?? 'every request'].filter((text) => text !== '').join(': '),
          60,
        ).trimEnd(),
      ]);
      process.stdout.write(table(['SESSION', 'STATE', 'TRACES', 'STARTED (UTC)', 'WHAT'], rows));
    }
    return 0;
  },
};
