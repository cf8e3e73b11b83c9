import { type Logger, type LogLevel, levelRank } from '@gatescope/base';
import type { AttributeValue } from '@gatescope/trace';
import { boundedAttributes, boundedText, plainAttributes } from './bounded-attributes.ts';

/** Lines of one request that are kept; further ones are counted. */
export const REQUEST_LINES_MAX = 1_000;
/** Characters of all lines of one request, attributes not counted by the letter but by {@link ATTRIBUTE_CHARACTERS}. */
export const REQUEST_LOG_CHARACTERS_MAX = 262_144;
const MESSAGE_CHARACTERS_MAX = 8_192;
/** What an attribute counts for, over its text. */
const ATTRIBUTE_CHARACTERS = 32;

/** A line as it was written, before it is sanitized. */
export interface RawLine {
  /** performance.now(). */
  readonly atMs: number;
  readonly level: LogLevel;
  readonly type: string;
  readonly source: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Index of the span it belongs to in the request's record. */
  readonly span: number;
}

/** Takes lines of level debug; a null one stands for nobody who reads them, so that they need not be made. */
export interface DebugLog {
  /** `span` is an index in the request's record; left out or below 0, the root. */
  debug(
    type: string,
    source: string,
    message: string,
    attributes?: Readonly<Record<string, unknown>>,
    span?: number,
  ): void;
}

/** The lines of one request, kept until it is known which sessions want it. Never throws. */
export class RequestLog implements DebugLog {
  readonly #least: number;
  /** The node's own log, where it takes lines of level debug. */
  readonly #own: DebugLog | null;
  readonly lines: RawLine[] = [];
  /** Lines that did not fit. */
  dropped = 0;
  #characters = 0;

  constructor(least: LogLevel, own: DebugLog | null) {
    this.#least = levelRank(least);
    this.#own = own;
  }

  /** Whether lines of level debug are kept. */
  get takesDebug(): boolean {
    return this.#least === 0;
  }

  add(
    level: LogLevel,
    type: string,
    source: string,
    message: string,
    attributes: Readonly<Record<string, unknown>> | undefined,
    span: number,
  ): void {
    if (levelRank(level) < this.#least) return;
    const kept = attributes === undefined ? {} : boundedAttributes(attributes);
    const text = boundedText(message, MESSAGE_CHARACTERS_MAX);
    const characters = text.length + charactersOf(kept);
    if (
      this.lines.length >= REQUEST_LINES_MAX ||
      this.#characters + characters > REQUEST_LOG_CHARACTERS_MAX
    ) {
      this.dropped++;
      return;
    }
    this.#characters += characters;
    const line = { atMs: performance.now(), level, type, source, message: text, attributes: kept };
    this.lines.push({ ...line, span: Math.max(0, span) });
  }

  debug(
    type: string,
    source: string,
    message: string,
    attributes?: Readonly<Record<string, unknown>>,
    span = 0,
  ): void {
    this.add('debug', type, source, message, attributes, span);
    this.#own?.debug(type, source, message, attributes);
  }
}

/** The node's own log as a place for debug lines, where it takes them. */
export function debugLogOf(logger: Logger): DebugLog | null {
  if (logger.least !== 'debug') return null;
  return {
    debug: (type, source, message, attributes) =>
      logger.log('debug', type, message, { source, ...plainAttributes(attributes) }),
  };
}

function charactersOf(value: AttributeValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object') return 8;
  let characters = 0;
  for (const [name, one] of Object.entries(value as object))
    characters += name.length + ATTRIBUTE_CHARACTERS + charactersOf(one as AttributeValue);
  return characters;
}
