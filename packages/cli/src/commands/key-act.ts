import { AppError } from '@gatescope/base';
import type { Key, List } from '@gatescope/protocol';
import type { Command } from './command.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

const ACTS = {
  activate: 'Seals new sessions with a key, and enables it where it was disabled.',
  rotate: 'Makes a new version of a key; data keys are wrapped anew in the background.',
  disable: 'Makes what a key sealed unreadable until it is activated again.',
} as const;

/** What a step has led to; `before` is the key as it was. */
const OUTCOMES: Readonly<Record<keyof typeof ACTS, (before: Key) => string>> = {
  activate: () => 'New sessions are sealed with it.',
  rotate: () =>
    'It has a new version. What earlier versions sealed stays readable; data keys are wrapped anew in the background.',
  disable: ({ state }) =>
    state === 'active'
      ? 'What it sealed can not be read, and no session can be started until a key is active: gatescope key activate KEY'
      : 'What it sealed can not be read until it is activated again.',
};

/** The command of one step in a key's life. */
export function keyAct(act: keyof typeof ACTS): Command {
  return {
    name: `key ${act}`,
    summary: ACTS[act],
    usage: 'KEY [options]   (id or name)',
    arguments: { min: 1, max: 1 },
    options: { json: API_OPTIONS.json },
    async run(given) {
      const { api } = apiOf(given);
      const asked = given.positionals[0]!;
      const { data } = await api.get<List<Key>>('/keys');
      const known = data.find(({ id, name }) => id === asked || name === asked);
      if (known === undefined)
        throw new AppError('not_found', `there is no key ${asked}; gatescope key list shows them`);
      const key = await api.post<Key>(`/keys/${known.id}/${act}`);
      if (given.values['json'] === true) printJson(key);
      else
        process.stdout.write(
          `${key.name}: ${key.state}${key.reason === null ? '' : ` (${key.reason})`}\n${OUTCOMES[act](known)}\n`,
        );
      return 0;
    },
  };
}
