import type { List, TraceSummary } from '@gatescope/protocol';
import { terminalWidth } from '../terminal/style.ts';
import { type Command, textOf } from './command.ts';
import { API_OPTIONS, apiOf, findSession, printJson, SESSION_OPTION, traceLine } from './shared.ts';

const FILTERS = ['status', 'method', 'route', 'filter', 'size', 'after'] as const;

export const traceList: Command = {
  name: 'trace list',
  summary: 'Lists the traces of a session, newest first.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: {
    ...SESSION_OPTION,
    status: { type: 'string', placeholder: 'CODE', help: 'with this status: 503, 5xx' },
    method: { type: 'string', placeholder: 'METHOD', help: 'with this method' },
    route: { type: 'string', placeholder: 'NAME', help: 'of this route' },
    'min-duration': { type: 'string', placeholder: 'MS', help: 'that took at least so long' },
    filter: { type: 'string', placeholder: 'RULE', help: 'that match a rule' },
    size: { type: 'string', placeholder: 'COUNT', help: 'how many, up to 1000 (default: 100)' },
    after: { type: 'string', placeholder: 'CURSOR', help: 'go on after a page: its "next"' },
    ...API_OPTIONS,
  },
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, textOf(given, 'session'));
    const query = new URLSearchParams();
    for (const name of FILTERS) {
      const value = textOf(given, name);
      if (value !== undefined) query.set(name, value);
    }
    const least = textOf(given, 'min-duration');
    if (least !== undefined) query.set('min_duration_ms', least);
    const list = await api.get<List<TraceSummary>>(`${path}/sessions/${session.id}/traces?${query}`);
    if (given.values['json'] === true) printJson(list);
    else if (list.data.length === 0)
      process.stdout.write(
        `No trace in session ${session.id}. ${session.counts.matched} of ${session.counts.seen} requests matched.\n`,
      );
    else {
      for (const trace of list.data) process.stdout.write(`${traceLine(trace, terminalWidth())}\n`);
      if (list.next !== null) process.stdout.write(`More: --after ${list.next}\n`);
    }
    return 0;
  },
};
