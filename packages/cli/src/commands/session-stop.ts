import { AppError } from '@gatescope/base';
import type { List, Session } from '@gatescope/protocol';
import type { ApiClient } from '../client/api-client.ts';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, printJson, sessionText } from './shared.ts';

export const sessionStop: Command = {
  name: 'session stop',
  summary: 'Ends a session. Its traces stay for seven days.',
  usage: '[SESSION] [options]   (default: the latest that runs)',
  arguments: { min: 0, max: 1 },
  options: API_OPTIONS,
  async run(given) {
    const { api, path } = apiOf(given);
    const id = given.positionals[0] ?? (await latestRunning(api, path));
    const session = await api.post<Session>(`${path}/sessions/${encodeURIComponent(id)}/stop`);
    if (given.values['json'] === true) printJson(session);
    else process.stdout.write(sessionText(session));
    return 0;
  },
};

async function latestRunning(api: ApiClient, path: string): Promise<string> {
  const { data } = await api.get<List<Session>>(`${path}/sessions?size=1000`);
  const running = data.find(({ state }) => state === 'pending' || state === 'active');
  if (running === undefined) throw new AppError('not_found', 'no session is running');
  return running.id;
}
