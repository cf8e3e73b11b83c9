import type { Command } from './command.ts';
import { follow } from './follow.ts';
import { API_OPTIONS, apiOf, findSession, printJson, sessionText } from './shared.ts';

export const sessionShow: Command = {
  name: 'session show',
  summary: 'Shows one session.',
  usage: '[SESSION] [options]   (default: the latest)',
  arguments: { min: 0, max: 1 },
  options: {
    follow: { type: 'boolean', short: 'f', help: 'print traces as they arrive, until the session ends' },
    ...API_OPTIONS,
  },
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, given.positionals[0]);
    const json = given.values['json'] === true;
    if (given.values['follow'] === true) return await follow(api, path, session, json);
    if (json) printJson(session);
    else process.stdout.write(sessionText(session));
    return 0;
  },
};
