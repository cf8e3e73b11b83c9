import { AppError } from '@gatescope/base';
import type { Command, CommandEntry } from './command.ts';

/** A command and its options, as a completion script knows them. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly name: string; readonly help: string }[];
}

const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = { bash, zsh, fish };

/** The command that completes these commands. */
export function completionOf(all: ReadonlyMap<string, CommandEntry>): Command {
  return {
    name: 'completion',
    summary: 'Prints a script that completes commands and options in a shell.',
    usage: 'bash|zsh|fish',
    arguments: { min: 1, max: 1 },
    options: {},
    examples: [
      'eval "$(gatescope completion bash)"',
      'gatescope completion zsh > ~/.zfunc/_gatescope',
      'gatescope completion fish > ~/.config/fish/completions/gatescope.fish',
    ],
    async run({ positionals: [shell = ''] }) {
      const write = SHELLS[shell];
      if (write === undefined)
        throw new AppError(
          'invalid_request',
          `there is no completion for ${shell}; there is ${Object.keys(SHELLS).join(', ')}`,
        );
      const commands = await Promise.all(
        [...all].map(async ([name, { summary, load }]) => ({
          name,
          summary,
          options: Object.entries((await load()).options).map(([option, { help }]) => ({
            name: option,
            help,
          })),
        })),
      );
      process.stdout.write(write(commands));
      return 0;
    },
  };
}

/** The words that may follow what was typed so far, for the shells that ask by words. */
function wordsOf(commands: readonly Completed[]): Map<string, string[]> {
  const words = new Map<string, string[]>([['', []]]);
  const add = (after: string, word: string) => {
    const known = words.get(after) ?? [];
    if (!known.includes(word)) known.push(word);
    words.set(after, known);
  };
  for (const { name, options } of commands) {
    const [first = '', second] = name.split(' ');
    add('', first);
    if (second !== undefined) add(first, second);
    for (const option of [...options.map((one) => one.name), 'help']) add(name, `--${option}`);
  }
  return words;
}

function bash(commands: readonly Completed[]): string {
  const cases = [...wordsOf(commands)].map(
    ([after, words]) => `    ${after === '' ? "''" : `'${after}'`}) words='${words.join(' ')}' ;;`,
  );
  return `_gatescope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" typed='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "$(echo "$typed" | wc -w)" -lt 2 ] && typed="\${typed:+$typed }$word" ;; esac
  done
  case "$typed" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _gatescope gatescope
`;
}

function zsh(commands: readonly Completed[]): string {
  return `#compdef gatescope
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly Completed[]): string {
  const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, summary, options }) => {
    const [first = '', second] = name.split(' ');
    const here =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    return [
      second === undefined
        ? `complete -c gatescope -n __fish_use_subcommand -a ${first} -d ${text(summary)}`
        : `complete -c gatescope -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${text(summary)}`,
      ...options.map(
        (option) => `complete -c gatescope -n '${here}' -l ${option.name} -d ${text(option.help)}`,
      ),
    ];
  });
  const groups = [
    ...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0]!] : []))),
  ];
  return [
    ...groups.map((group) => `complete -c gatescope -n __fish_use_subcommand -a ${group}`),
    ...lines,
    '',
  ].join('\n');
}
