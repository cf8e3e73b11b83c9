import { AppError, isLogLevel } from '@gatescope/base';
import type { Session, SessionRequest } from '@gatescope/protocol';
import { type Command, numberOf, textOf } from './command.ts';
import { follow } from './follow.ts';
import { API_OPTIONS, apiOf, printJson, sessionText } from './shared.ts';

export const sessionStart: Command = {
  name: 'session start',
  summary: 'Starts a tracing session: from now on the nodes record the requests that match.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: {
    rule: {
      type: 'string',
      short: 'r',
      placeholder: 'RULE',
      help: "sampling rule, such as 'http.response.status_code==503' (default: every request)",
    },
    service: { type: 'string', placeholder: 'NAME', help: 'requests of this service only' },
    route: { type: 'string', placeholder: 'NAME', help: 'requests of this route only' },
    nodes: { type: 'string', placeholder: 'ID,…', help: 'nodes to trace on (default: all)' },
    name: { type: 'string', placeholder: 'TEXT', help: 'what it is about' },
    duration: {
      type: 'string',
      short: 'd',
      placeholder: 'SECONDS',
      help: 'how long, 10 to 1800 (default: 300)',
    },
    'max-traces': {
      type: 'string',
      short: 'n',
      placeholder: 'COUNT',
      help: 'how many traces, 1 to 10000 (default: 200)',
    },
    rate: {
      type: 'string',
      placeholder: 'SHARE',
      help: 'share of the matching requests to keep, above 0 to 1 (default: 1)',
    },
    logs: {
      type: 'string',
      placeholder: 'LEVEL',
      help: 'capture log lines from this level on: debug, info, notice, warn, error, crit',
    },
    headers: { type: 'boolean', help: 'capture headers, redacted' },
    bodies: { type: 'boolean', help: 'capture bodies, redacted' },
    follow: { type: 'boolean', short: 'f', help: 'print traces as they arrive, until the session ends' },
    ...API_OPTIONS,
  },
  examples: [
    "gatescope session start --rule 'http.response.status_code==503' --follow",
    'gatescope session start --route checkout --duration 60 --max-traces 50',
  ],
  async run(given) {
    const { api, path } = apiOf(given);
    const json = given.values['json'] === true;
    const logs = textOf(given, 'logs');
    if (logs !== undefined && !isLogLevel(logs))
      throw new AppError('invalid_request', `--logs is a level such as debug, info or warn; ${logs} is none`);
    const capture = {
      ...(logs === undefined ? {} : { logs }),
      ...(given.values['headers'] === true ? { headers: true } : {}),
      ...(given.values['bodies'] === true ? { bodies: true } : {}),
    };
    const request = withoutUndefined({
      name: textOf(given, 'name'),
      nodes: textOf(given, 'nodes')
        ?.split(',')
        .map((id) => id.trim()),
      service: textOf(given, 'service'),
      route: textOf(given, 'route'),
      rule: textOf(given, 'rule'),
      rate: numberOf(given, 'rate'),
      duration_seconds: numberOf(given, 'duration'),
      max_traces: numberOf(given, 'max-traces'),
      capture: Object.keys(capture).length === 0 ? undefined : capture,
    }) as SessionRequest;
    const session = await api.post<Session>(`${path}/sessions`, request);
    const follows = given.values['follow'] === true;
    if (json && !follows) printJson(session);
    else if (!json) process.stdout.write(`${sessionText(session)}${follows ? '\n' : ''}`);
    return follows ? await follow(api, path, session, json) : 0;
  },
};

function withoutUndefined(record: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
