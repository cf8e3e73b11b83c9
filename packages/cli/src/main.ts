import { AppError } from '@gatescope/base';
import { CHILDREN } from './commands/children.ts';
import { type Command, helpOf, readArguments } from './commands/command.ts';
import { COMMANDS, groupsOf } from './commands/registry.ts';
import { failureText } from './terminal/failure.ts';
import { VERSION } from './version.ts';

/** Exit code for a command line that can't be understood. */
const USAGE = 2;

async function main(args: readonly string[]): Promise<number | undefined> {
  const [first = 'help', second] = args;
  const child = CHILDREN[first];
  if (child !== undefined) {
    await child();
    return undefined;
  }
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (['help', '--help', '-h'].includes(first)) {
    process.stdout.write(overview());
    return 0;
  }
  const twoWords = second === undefined ? undefined : COMMANDS.get(`${first} ${second}`);
  const load = twoWords ?? COMMANDS.get(first);
  if (load === undefined && groupsOf(first).length > 0 && ['--help', '-h'].includes(second ?? '')) {
    process.stdout.write(overview(first));
    return 0;
  }
  if (load === undefined) throw unknown(first, second);
  return await run(await load.load(), args.slice(twoWords === undefined ? 1 : 2));
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  const given = readArguments(command, args);
  if (given.values['help'] === true) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  return await command.run(given);
}

function unknown(first: string, second: string | undefined): AppError {
  const below = groupsOf(first);
  if (below.length > 0)
    return new AppError('invalid_request', `gatescope ${first} needs one of: ${below.join(', ')}`);
  return new AppError(
    'invalid_request',
    `there is no command ${first}${second === undefined ? '' : ` ${second}`}; gatescope --help lists them`,
  );
}

/** All commands, or those of a group. */
function overview(group?: string): string {
  const shown = [...COMMANDS].filter(([name]) => group === undefined || name.startsWith(`${group} `));
  const width = Math.max(...shown.map(([name]) => name.length));
  const lines = shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Gatescope ${VERSION}: traces of exactly the gateway requests you ask for.\n\nUsage: gatescope COMMAND [options]\n\nCommands:\n${lines.join('')}\nEvery command explains itself with --help.\n`;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has gone (`| head`): there is nobody left to tell.
  if (error.code === 'EPIPE') process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    // What listens stays; what was asked for and answered ends here, even where a connection is kept open for reuse.
    if (code !== undefined) process.exitCode = code;
    if (code !== undefined) end();
  },
  (error: unknown) => {
    process.stderr.write(failureText(error));
    process.exitCode = error instanceof AppError && error.code === 'invalid_request' ? USAGE : 1;
    end();
  },
);

/** Ends the process once a reader that is slower than this has taken all that was written: what a pipe has no room for waits in here. */
function end(): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}
