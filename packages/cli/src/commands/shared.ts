import { AppError } from '@gatescope/base';
import type { List, Session, TraceSummary } from '@gatescope/protocol';
import { ApiClient } from '../client/api-client.ts';
import { duration, fitted, green, red, yellow } from '../terminal/style.ts';
import { type Command, type Given, textOf } from './command.ts';

/** Options of every command that asks the control plane. */
export const API_OPTIONS = {
  'control-plane': { type: 'string', placeholder: 'NAME', help: 'control plane (default: default)' },
  json: { type: 'boolean', help: 'JSON instead of text' },
} as const satisfies Command['options'];

export const SESSION_OPTION = {
  session: { type: 'string', placeholder: 'ID', help: 'session (default: the latest)' },
} as const satisfies Command['options'];

export const OUTPUT_OPTION = {
  output: {
    type: 'string',
    short: 'o',
    placeholder: 'FILE',
    help: 'write to a file (default: standard output)',
  },
} as const satisfies Command['options'];

/** The client, and the path of the control plane that is meant. */
export function apiOf(given: Given): { api: ApiClient; path: string } {
  const name = textOf(given, 'control-plane') ?? 'default';
  return { api: ApiClient.fromEnvironment(process.env), path: `/control-planes/${encodeURIComponent(name)}` };
}

/** Prints a value as JSON, for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** The session of that id, or the latest for `latest` and nothing. Throws `not_found`. */
export async function findSession(api: ApiClient, path: string, id: string | undefined): Promise<Session> {
  if (id !== undefined && id !== 'latest')
    return await api.get<Session>(`${path}/sessions/${encodeURIComponent(id)}`);
  const { data } = await api.get<List<Session>>(`${path}/sessions?size=1`);
  if (data[0] !== undefined) return data[0];
  throw new AppError('not_found', 'there is no session yet; start one with gatescope session start');
}

/** One line of a list of traces. */
export function traceLine(trace: TraceSummary, width: number): string {
  const status = String(trace.status_code ?? '–').padStart(3);
  const coloured =
    (trace.status_code ?? 599) >= 500
      ? red(status)
      : (trace.status_code ?? 0) >= 400
        ? yellow(status)
        : green(status);
  const parts = `gateway ${duration(trace.gateway_ms)}  upstream ${duration(trace.upstream_ms)}${trace.exited_by === null ? '' : `  ended by ${trace.exited_by}`}`;
  const rest = Math.max(12, width - 66 - 16);
  return `${trace.started_at.slice(11, 23)}  ${trace.id}  ${coloured}  ${fitted(`${trace.method} ${trace.path}`, Math.min(36, rest))}  ${duration(trace.duration_ms).padStart(7)}  ${parts}`;
}

/** A session in a few lines. */
export function sessionText(session: Session): string {
  const dropped = Object.entries(session.counts.dropped);
  const lines: [string, string][] = [
    ['session', `${session.id}${session.name === '' ? '' : `  ${session.name}`}`],
    ['state', stateOf(session)],
    ['rule', session.rule ?? 'every request'],
    ...(session.service === null ? [] : [['service', session.service] as [string, string]]),
    ...(session.route === null ? [] : [['route', session.route] as [string, string]]),
    [
      'traces',
      `${session.counts.traces} of ${session.max_traces}; ${session.counts.matched} matched of ${session.counts.seen} seen`,
    ],
    ...(dropped.length === 0
      ? []
      : [['dropped', dropped.map(([reason, count]) => `${count} ${reason}`).join(', ')] as [string, string]]),
    ...session.node_states.map((node): [string, string] => [
      'node',
      `${node.node_id}  ${node.state}${armedAfter(session, node.armed_at)}${node.reason === null ? '' : `: ${node.reason}`}`,
    ]),
    [
      'time',
      `${session.duration_seconds} s${session.ends_at === null || session.state === 'ended' ? '' : `, until ${session.ends_at}`}`,
    ],
    ['kept until', session.expires_at],
  ];
  return lines
    .map(([name, value]) => `${name.padEnd(10)}  ${fitted(value, value.length).trimEnd()}\n`)
    .join('');
}

/** How long after the session was asked for a node had it armed. */
function armedAfter(session: Session, armedAt: string | null): string {
  if (armedAt === null) return '';
  return ` after ${Math.max(0, Date.parse(armedAt) - Date.parse(session.created_at))} ms`;
}

export function stateOf(session: Session): string {
  return session.end_reason === null ? session.state : `${session.state} (${session.end_reason})`;
}
