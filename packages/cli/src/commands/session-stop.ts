import type { Session } from '@gatescope/protocol';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, findSession, printJson, sessionText } from './shared.ts';

export const sessionStop: Command = {
  name: 'session stop',
  summary: 'Ends a session. Its traces stay for seven days.',
  usage: '[SESSION] [options]   (default: the latest)',
  arguments: { min: 0, max: 1 },
  options: API_OPTIONS,
  async run(given) {
    const { api, path } = apiOf(given);
    const { id } = await findSession(api, path, given.positionals[0]);
    const session = await api.post<Session>(`${path}/sessions/${id}/stop`);
    if (given.values['json'] === true) printJson(session);
    else process.stdout.write(sessionText(session));
    return 0;
  },
};
