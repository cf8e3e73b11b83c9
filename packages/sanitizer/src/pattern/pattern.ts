import type { ErrorDetail } from '@gatescope/base';
import { MatcherInput, RE2JS } from 're2js';
import { type WorkLimit, WorkLimitExceeded } from '../work-limit.ts';
import { patternError } from './pattern-error.ts';

/** Characters of a pattern, at most. */
export const PATTERN_CHARACTERS_MAX = 1_024;
/** Steps of a compiled pattern, at most: about one for each character, class and sign, counted as often as it repeats. */
export const PATTERN_STEPS_MAX = 500;
/** Bytes of a match that is sure to be found whole. */
export const MATCH_BYTES_MAX = 8_192;
/** Bytes searched at a time, so that the clock can be read in between. */
const WINDOW_BYTES = 2 * MATCH_BYTES_MAX;

const ASTERISK = 0x2a;

/** A regular expression (RE2's syntax) whose search takes time in proportion to the text, whatever the pattern. */
export class Pattern {
  readonly #compiled: RE2JS;

  private constructor(compiled: RE2JS) {
    this.#compiled = compiled;
  }

  /** The pattern, or what is wrong with it. */
  static compile(text: string): Pattern | ErrorDetail {
    if (text === '') return { message: 'the pattern is empty', column: 1, suggestion: 'write what to mask' };
    if (text.length > PATTERN_CHARACTERS_MAX) {
      const message = `the pattern has more than ${PATTERN_CHARACTERS_MAX} characters`;
      return { message, column: PATTERN_CHARACTERS_MAX + 1, suggestion: 'make several rules of it' };
    }
    try {
      const compiled = RE2JS.compile(text);
      if (compiled.programSize() <= PATTERN_STEPS_MAX) return new Pattern(compiled);
      const suggestion = `repetitions count as often as they repeat: ${PATTERN_STEPS_MAX} steps at most; + and * count once`;
      return { message: 'the pattern is too large', column: 1, suggestion };
    } catch (error) {
      return patternError(text, error as { error?: string; input?: string | null });
    }
  }

  /**
   * Tells the ranges of UTF-8 text that match, in order: all up to {@link MATCH_BYTES_MAX} long, longer ones perhaps in part. What
   * is masked already does not count.
   */
  find(bytes: Uint8Array, limit: WorkLimit, found: (start: number, end: number) => void): void {
    let from = 0;
    let windowEnd = Math.min(bytes.length, WINDOW_BYTES);
    let matcher = this.#matcher(bytes, windowEnd);
    const slideTo = (start: number) => {
      from = start;
      windowEnd = Math.min(bytes.length, start + WINDOW_BYTES);
      matcher = this.#matcher(bytes, windowEnd);
    };
    while (from <= bytes.length) {
      limit.check();
      const isLast = windowEnd === bytes.length;
      if (!matcher.find(from)) {
        if (isLast) return;
        slideTo(Math.max(from, windowEnd - MATCH_BYTES_MAX));
        continue;
      }
      const start = matcher.start();
      const end = matcher.end();
      const mayGoOn = end === windowEnd || start + MATCH_BYTES_MAX > windowEnd;
      if (mayGoOn && !isLast && start + WINDOW_BYTES > windowEnd) {
        // It may end here, or be another one, for want of more.
        slideTo(start);
        continue;
      }
      if (end > start && !isMasked(bytes, start, end)) found(start, end);
      from = end > start ? end : end + 1;
    }
  }

  /** Whether a part of the text matches. The text is searched at once: a long one counts as too much work. */
  isIn(text: string): boolean {
    if (text.length > WINDOW_BYTES) throw new WorkLimitExceeded();
    return this.#compiled.matcher(text).find();
  }

  #matcher(bytes: Uint8Array, end: number) {
    return this.#compiled.matcher(MatcherInput.utf8(bytes.subarray(0, end)));
  }
}

function isMasked(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end && bytes[start] === ASTERISK) start++;
  return start === end;
}
