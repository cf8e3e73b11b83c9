import type { CreatedToken } from '@gatescope/protocol';
import { type Command, numberOf, textOf } from './command.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'Makes an API token. It is shown this once.',
  usage: 'NAME [options]',
  arguments: { min: 1, max: 1 },
  options: {
    role: {
      type: 'string',
      placeholder: 'ROLE',
      help: 'org_admin, control_plane_admin or viewer (default)',
    },
    'control-planes': {
      type: 'string',
      placeholder: 'NAME,…',
      help: 'control planes it may see (default: those of its maker)',
    },
    'payload-read': { type: 'boolean', help: 'may read captured payloads' },
    expires: { type: 'string', placeholder: 'SECONDS', help: 'after how long it ends (default: never)' },
    json: API_OPTIONS.json,
  },
  examples: ['gatescope token create ci --role control_plane_admin --expires 3600'],
  async run(given) {
    const { api } = apiOf(given);
    const controlPlanes = textOf(given, 'control-planes');
    const expires = numberOf(given, 'expires');
    const created = await api.post<CreatedToken>('/tokens', {
      name: given.positionals[0],
      role: textOf(given, 'role') ?? 'viewer',
      payload_read: given.values['payload-read'] === true,
      ...(controlPlanes === undefined
        ? {}
        : { control_planes: controlPlanes.split(',').map((name) => name.trim()) }),
      ...(expires === undefined ? {} : { expires_in_seconds: expires }),
    });
    if (given.values['json'] === true) printJson(created);
    else process.stdout.write(`${created.token}\n`);
    return 0;
  },
};
