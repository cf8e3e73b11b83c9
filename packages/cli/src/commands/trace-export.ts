import { writeFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import type { List, TraceSummary } from '@gatescope/protocol';
import type { ApiClient } from '../client/api-client.ts';
import { type Command, textOf } from './command.ts';
import { API_OPTIONS, apiOf, findSession, OUTPUT_OPTION, SESSION_OPTION } from './shared.ts';

export const traceExport: Command = {
  name: 'trace export',
  summary: 'Writes traces as OTLP JSON, which every OpenTelemetry tool reads.',
  usage: '[TRACE …] [options]   (default: all of the session)',
  arguments: { min: 0, max: 10_000 },
  options: {
    ...SESSION_OPTION,
    ...OUTPUT_OPTION,
    'control-plane': API_OPTIONS['control-plane'],
  },
  examples: ['gatescope trace export -o traces.json', 'gatescope trace export 6b221f0a8d5e4c17 | jq'],
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, textOf(given, 'session'));
    const traces = `${path}/sessions/${session.id}/traces`;
    const ids = given.positionals.length > 0 ? given.positionals : await allIds(api, traces);
    const resourceSpans: unknown[] = [];
    for (const id of ids) {
      const otlp = await api.get<{ resourceSpans: unknown[] }>(
        `${traces}/${encodeURIComponent(id)}?format=otlp`,
      );
      resourceSpans.push(...otlp.resourceSpans);
    }
    const text = `${JSON.stringify({ resourceSpans })}\n`;
    const output = textOf(given, 'output');
    if (output === undefined) process.stdout.write(text);
    else write(output, text, ids.length);
    return 0;
  },
};

async function allIds(api: ApiClient, traces: string): Promise<string[]> {
  const ids: string[] = [];
  let after = '';
  for (;;) {
    const list = await api.get<List<TraceSummary>>(`${traces}?size=1000${after}`);
    ids.push(...list.data.map(({ id }) => id));
    if (list.next === null) return ids;
    after = `&after=${encodeURIComponent(list.next)}`;
  }
}

function write(file: string, text: string, count: number): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new AppError('invalid_request', `${file} can't be written: ${messageOf(error)}`);
  }
  process.stderr.write(`${count} ${count === 1 ? 'trace' : 'traces'} written to ${file}\n`);
}
