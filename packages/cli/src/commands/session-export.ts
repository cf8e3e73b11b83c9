import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, messageOf } from '@gatescope/base';
import { type Command, textOf } from './command.ts';
import { API_OPTIONS, apiOf, findSession, OUTPUT_OPTION } from './shared.ts';

export const sessionExport: Command = {
  name: 'session export',
  summary: 'Writes a session as a file: all its traces, in the archive its logs too.',
  usage: '[SESSION] [options]   (default: the latest)',
  arguments: { min: 0, max: 1 },
  options: {
    format: { type: 'string', placeholder: 'FORMAT', help: 'otlp (default), har or zip' },
    ...OUTPUT_OPTION,
    'control-plane': API_OPTIONS['control-plane'],
  },
  examples: [
    'gatescope session export --format zip -o session.zip',
    'gatescope session export --format har -o session.har',
  ],
  async run(given) {
    const { api, path } = apiOf(given);
    const session = await findSession(api, path, given.positionals[0]);
    const format = textOf(given, 'format') ?? 'otlp';
    const body = await api.download(
      `${path}/sessions/${session.id}/export?format=${encodeURIComponent(format)}`,
    );
    const output = textOf(given, 'output');
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    if (output === undefined) {
      // Standard output stays open: the process waits for its reader at the end.
      await pipeline(source, process.stdout, { end: false });
      return 0;
    }
    try {
      await pipeline(source, createWriteStream(output, { mode: 0o600 }));
    } catch (error) {
      throw new AppError('unavailable', `${output} could not be written whole: ${messageOf(error)}`);
    }
    process.stderr.write(`written to ${output}\n`);
    return 0;
  },
};
