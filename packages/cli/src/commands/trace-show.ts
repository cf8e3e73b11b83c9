import { AppError } from '@gatescope/base';
import type { Skeleton, TraceSummary } from '@gatescope/protocol';
import { bold, dim, duration, fitted, red } from '../terminal/style.ts';
import { waterfall } from '../terminal/waterfall.ts';
import { type Command, textOf } from './command.ts';
import { API_OPTIONS, apiOf, findSession, printJson, SESSION_OPTION } from './shared.ts';

export const traceShow: Command = {
  name: 'trace show',
  summary: 'Shows one trace: where its time went, and its spans as a waterfall.',
  usage: 'TRACE [options]   (latest: the newest of the session)',
  arguments: { min: 1, max: 1 },
  options: { ...SESSION_OPTION, ...API_OPTIONS },
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, textOf(given, 'session'));
    const traces = `${path}/sessions/${session.id}/traces`;
    const id = await traceId(
      given.positionals[0]!,
      async () => (await api.get<{ data: TraceSummary[] }>(`${traces}?size=1`)).data[0]?.id,
    );
    if (given.values['json'] === true) {
      printJson(await api.get(`${traces}/${id}`));
      return 0;
    }
    const skeleton = await api.get<Skeleton>(`${traces}/${id}/skeleton`);
    process.stdout.write(`${headOf(skeleton.summary)}\n${waterfall(skeleton)}`);
    return 0;
  },
};

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
