/** The levels of nginx and syslog, least to most severe. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** 0 for `debug` to 7 for `emerg`. */
export function levelRank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}

/** Whether the text names one of the levels. */
export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

export type LogAttributes = Readonly<Record<string, string | number | boolean | null>>;

/** Where the parts of a process write their log lines. An implementation never throws and never blocks. */
export interface Logger {
  /** The lowest level it writes; left out where every line may be of use. */
  readonly least?: LogLevel | undefined;
  /** `type` says what kind of event it is (access, error, config, rpc, …). Secrets and payload never belong in a line. */
  log(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = { log() {} };
