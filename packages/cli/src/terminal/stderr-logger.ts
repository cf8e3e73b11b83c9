import { type LogAttributes, type Logger, type LogLevel, levelRank } from '@gatescope/base';

const JSON_LINES = process.env['GATESCOPE_LOG_FORMAT'] === 'json';

/**
 * Writes log lines at or above a level to the standard error, one line each: time, level, type, message, attributes; with
 * `GATESCOPE_LOG_FORMAT=json` as an object with those fields.
 */
export class StderrLogger implements Logger {
  readonly least: LogLevel;
  readonly #rank: number;

  constructor(least: LogLevel) {
    this.least = least;
    this.#rank = levelRank(least);
  }

  log(level: LogLevel, type: string, message: string, attributes: LogAttributes = {}): void {
    if (levelRank(level) < this.#rank) return;
    if (JSON_LINES) {
      const line = { time: new Date().toISOString(), level, type, message, ...attributes };
      process.stderr.write(`${JSON.stringify(line)}\n`);
      return;
    }
    const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}=${oneLine(String(value))}`);
    process.stderr.write(
      `${new Date().toISOString()} ${level} ${type}: ${oneLine(message)}${pairs.join('')}\n`,
    );
  }
}

/** Control characters escaped, so that what a peer sent can neither forge a line nor steer a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
