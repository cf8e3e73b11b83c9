import { DATA_DIR_DEFAULT, DataDir } from '../setup/data-dir.ts';
import { type Command, type Given, textOf } from './command.ts';

/** The option that says where a process keeps what it keeps: `help` says what that is. */
export function dataDirOption(help: string): Command['options'] {
  return {
    'data-dir': {
      type: 'string',
      placeholder: 'DIR',
      help: `${help} (default: GATESCOPE_DATA_DIR or ${DATA_DIR_DEFAULT})`,
    },
  };
}

/** The data directory that is meant, made where there is none. Throws where it can't be used. */
export function dataDirOf(given: Given): DataDir {
  return new DataDir(textOf(given, 'data-dir') ?? process.env['GATESCOPE_DATA_DIR'] ?? DATA_DIR_DEFAULT);
}
