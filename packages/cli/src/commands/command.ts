import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError, messageOf } from '@gatescope/base';

/** What a command was given. */
export interface Given {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** One command of the command line. */
export interface Command {
  /** As it is typed: `session start`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What follows the name. */
  readonly usage: string;
  readonly options: Readonly<
    Record<
      string,
      {
        readonly type: 'string' | 'boolean';
        readonly short?: string;
        readonly help: string;
        readonly placeholder?: string;
      }
    >
  >;
  /** How many arguments it takes. */
  readonly arguments: { readonly min: number; readonly max: number };
  /** Examples for the help, each a whole line. */
  readonly examples?: readonly string[];
  /** Answers the exit code. */
  run(given: Given): Promise<number>;
}

/** Reads a command's arguments. Throws `invalid_request` with what is wrong and how to get help. */
export function readArguments(command: Command, args: readonly string[]): Given {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, short }] of Object.entries(command.options))
    options[name] = short === undefined ? { type } : { type, short };
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `${messageOf(error).split('. ')[0]}. See gatescope ${command.name} --help`,
    );
  }
  const values = parsed.values as Given['values'];
  const count = parsed.positionals.length;
  if (values['help'] !== true && (count < command.arguments.min || count > command.arguments.max)) {
    throw new AppError('invalid_request', `usage: gatescope ${command.name} ${command.usage}`);
  }
  return { values, positionals: parsed.positionals };
}

/** The text of `--help`. */
export function helpOf(command: Command): string {
  const rows = Object.entries(command.options).map(([name, option]): [string, string] => {
    const short = option.short === undefined ? '' : `-${option.short}, `;
    const placeholder = option.type === 'string' ? ` ${option.placeholder ?? 'VALUE'}` : '';
    return [`${short}--${name}${placeholder}`, option.help];
  });
  rows.push(['-h, --help', 'this text']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const examples =
    command.examples === undefined
      ? ''
      : `\nExamples:\n${command.examples.map((line) => `  ${line}\n`).join('')}`;
  return `${command.summary}\n\nUsage: gatescope ${command.name} ${command.usage}\n\nOptions:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')}${examples}`;
}

/** A text option, or undefined. */
export function textOf(given: Given, name: string): string | undefined {
  const value = given.values[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number option, or undefined. Throws `invalid_request` for what is none. */
export function numberOf(given: Given, name: string): number | undefined {
  const text = textOf(given, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new AppError('invalid_request', `--${name} is a number; ${text} is none`);
}

/** A command that is loaded when it is called for: none pays for another's imports. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}
