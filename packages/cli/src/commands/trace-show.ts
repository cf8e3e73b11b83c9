import { AppError } from '@gatescope/base';
import type { List, Payload, Skeleton, TraceSummary } from '@gatescope/protocol';
import type { LogLine } from '@gatescope/trace';
import type { ApiClient } from '../client/api-client.ts';
import { linesText } from '../terminal/log-lines.ts';
import { payloadText } from '../terminal/payload.ts';
import { bold, dim, duration, fitted, red } from '../terminal/style.ts';
import { waterfall } from '../terminal/waterfall.ts';
import { type Command, type Given, textOf } from './command.ts';
import { API_OPTIONS, apiOf, findSession, printJson, SESSION_OPTION } from './shared.ts';

export const traceShow: Command = {
  name: 'trace show',
  summary: 'Shows one trace: where its time went, and its spans as a waterfall.',
  usage: 'TRACE [options]   (latest: the newest of the session)',
  arguments: { min: 1, max: 1 },
  options: {
    logs: { type: 'boolean', help: 'show its log lines as well, oldest first' },
    level: { type: 'string', placeholder: 'LEVEL', help: 'lines from this level on, with --logs' },
    source: { type: 'string', placeholder: 'NAME', help: 'lines of this source, such as plugin:key-auth' },
    span: {
      type: 'string',
      placeholder: 'SPAN',
      help: 'lines of this span, by name or id, and of all below it',
    },
    payload: {
      type: 'boolean',
      help: 'show captured headers and bodies as well; needs the right payload:read',
    },
    ...SESSION_OPTION,
    ...API_OPTIONS,
  },
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, textOf(given, 'session'));
    const traces = `${path}/sessions/${session.id}/traces`;
    const id = await traceId(
      given.positionals[0]!,
      async () => (await api.get<{ data: TraceSummary[] }>(`${traces}?size=1`)).data[0]?.id,
    );
    const logs = given.values['logs'] === true ? await allLines(api, `${traces}/${id}`, given) : null;
    const payload =
      given.values['payload'] === true ? await api.get<Payload>(`${traces}/${id}/payload`) : null;
    if (given.values['json'] === true) {
      const trace = await api.get<object>(`${traces}/${id}`);
      printJson({ ...trace, ...(logs === null ? {} : { logs }), ...(payload === null ? {} : { payload }) });
      return 0;
    }
    const skeleton = await api.get<Skeleton>(`${traces}/${id}/skeleton`);
    const parts = [
      headOf(skeleton.summary),
      waterfall(skeleton),
      ...(logs === null ? [] : [linesText(logs, skeleton)]),
      ...(payload === null ? [] : [payloadText(payload)]),
    ];
    process.stdout.write(parts.join('\n'));
    return 0;
  },
};

/** Every line that is asked for, newest first. */
async function allLines(api: ApiClient, trace: string, given: Given): Promise<LogLine[]> {
  const query = new URLSearchParams();
  for (const name of ['level', 'source'] as const) {
    const value = textOf(given, name);
    if (value !== undefined) query.set(name, value);
  }
  const span = textOf(given, 'span');
  if (span !== undefined) query.set('subtree', await spanId(api, trace, span));
  const lines: LogLine[] = [];
  for (;;) {
    const page = await api.get<List<LogLine>>(`${trace}/logs?${query}`);
    lines.push(...page.data);
    if (page.next === null) return lines;
    query.set('after', page.next);
  }
}

/** The id of a span that is given by its id or its name; of several of the name, of the first. */
async function spanId(api: ApiClient, trace: string, given: string): Promise<string> {
  if (/^[0-9a-f]{16}$/i.test(given)) return given;
  const { spans } = await api.get<{ spans: { span_id: string; name: string }[] }>(trace);
  const span = spans.find(({ name }) => name === given);
  if (span !== undefined) return span.span_id;
  const names = [...new Set(spans.map(({ name }) => name))].join(', ');
  throw new AppError('invalid_request', `the trace has no span ${given}; it has ${names}`);
}

async function traceId(given: string, latest: () => Promise<string | undefined>): Promise<string> {
  if (given !== 'latest') return encodeURIComponent(given);
  const id = await latest();
  if (id === undefined) throw new AppError('not_found', 'the session has no trace yet');
  return id;
}

function headOf(trace: TraceSummary): string {
  const upstream = trace.upstream_status_code === null ? '' : dim(`  upstream ${trace.upstream_status_code}`);
  const names = (
    [
      ['service', trace.service],
      ['route', trace.route],
      ['consumer', trace.consumer],
    ] as const
  )
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`);
  const plugin = trace.slowest_plugin;
  const lines = [
    `${bold(`${trace.method} ${fitted(trace.path, trace.path.length)}`)}  ${trace.status_code ?? 'no status'}${upstream}`,
    `${trace.started_at}  trace ${trace.trace_id}`,
    ...(names.length === 0 ? [] : [fitted(names.join('  '), names.join('  ').length)]),
    `total ${duration(trace.duration_ms)} = gateway ${duration(trace.gateway_ms)} + plugin I/O ${duration(trace.io_ms)} + upstream ${duration(trace.upstream_ms)} + client ${duration(trace.client_ms)}`,
    ...(plugin === null
      ? []
      : [`slowest plugin ${plugin.name} in ${plugin.phase}: ${duration(plugin.duration_ms)}`]),
    ...(trace.exited_by === null ? [] : [`ended by ${trace.exited_by}`]),
    ...(trace.error === null ? [] : [red(fitted(trace.error, trace.error.length))]),
  ];
  return `${lines.join('\n')}\n`;
}
