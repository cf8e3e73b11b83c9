import type { LogAttributes, Logger, LogLevel } from '@gatescope/base';
import type { ArmedSession } from '../tracing/armed-session.ts';
import { boundedAttributes, boundedText } from './bounded-attributes.ts';
import type { LogExporter } from './log-exporter.ts';
import { cleanLine, isKept } from './log-lines.ts';
import type { RawLine } from './request-log.ts';

/** Lines of no request that one session gets from one worker, at most. */
export const NODE_LINES_MAX = 10_000;
/** Lines that are sent together, and how long they wait for each other. */
const CHUNK_LINES = 500;
const LINGER_MS = 100;
const MESSAGE_CHARACTERS_MAX = 8_192;

/** What of a session's lines waits, and how many it has had. */
interface Listener {
  readonly session: ArmedSession;
  waiting: RawLine[];
  taken: number;
}

/** The log of what belongs to no request: written to the node's own log, and kept for the sessions that run and capture logs. */
export class NodeLog implements Logger {
  readonly #own: Logger;
  readonly #exporter: LogExporter;
  readonly #wallOffsetMs: () => number;
  #listeners: Listener[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(own: Logger, exporter: LogExporter, wallOffsetMs: () => number) {
    this.#own = own;
    this.#exporter = exporter;
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** For these sessions from now on; what waits for one that is gone is sent. */
  listenFor(sessions: readonly ArmedSession[]): void {
    this.#flush();
    this.#listeners = sessions.map(
      (session) =>
        this.#listeners.find((one) => one.session === session) ?? { session, waiting: [], taken: 0 },
    );
  }

  /** Whether any session wants lines of this level. */
  wants(level: LogLevel): boolean {
    return this.#listeners.some(
      ({ session: { capture } }) => capture.logs !== false && isKept(level, capture.logs),
    );
  }

  log(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    this.#own.log(level, type, message, attributes);
    this.keep(level, type, message, attributes);
  }

  /** As {@link log}, for a line that is in the node's own log already. */
  keep(level: LogLevel, type: string, message: string, attributes?: LogAttributes): void {
    if (this.#listeners.length === 0 || !this.wants(level)) return;
    const line: RawLine = {
      atMs: performance.now(),
      level,
      type,
      source: 'gateway',
      message: boundedText(message, MESSAGE_CHARACTERS_MAX),
      attributes: boundedAttributes(attributes),
      span: 0,
    };
    for (const listener of this.#listeners) this.#give(listener, line);
  }

  #give(listener: Listener, line: RawLine): void {
    const { logs } = listener.session.capture;
    if (logs === false || !isKept(line.level, logs)) return;
    if (listener.taken >= NODE_LINES_MAX) {
      listener.session.drop('node_log_lines');
      return;
    }
    listener.taken++;
    listener.waiting.push(line);
    if (listener.waiting.length >= CHUNK_LINES) this.#send(listener);
    else this.#timer ??= setTimeout(() => this.#flush(), LINGER_MS);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const listener of this.#listeners) this.#send(listener);
  }

  #send({ session, waiting }: Listener): void {
    if (waiting.length === 0) return;
    const lines = waiting
      .splice(0)
      .map((line) =>
        cleanLine(line, session.sanitizer, this.#wallOffsetMs(), { traceId: null, spanId: null }),
      );
    this.#exporter.push(session, lines);
  }
}
