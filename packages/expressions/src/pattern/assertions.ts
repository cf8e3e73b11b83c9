import type { AssertionKind, WordAssertion } from './pattern-node.ts';

/** What a character, or the edge of the text, is to an assertion: bits. */
export const OTHER = 0;
export const EDGE = 1;
const WORD = 2;
const ASCII_WORD = 4;
const LINE_FEED = 8;
const CARRIAGE_RETURN = 16;

const UNICODE_WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;

export function contextOf(code: number): number {
  if (code === 10) return LINE_FEED;
  if (code === 13) return CARRIAGE_RETURN;
  const isWord = UNICODE_WORD.test(String.fromCodePoint(code));
  return isWord ? (code < 128 ? WORD | ASCII_WORD : WORD) : OTHER;
}

/** Whether an assertion holds between two characters of these contexts. */
export function assertionHolds(assertion: AssertionKind, before: number, after: number): boolean {
  switch (assertion) {
    case 'text-start':
      return (before & EDGE) !== 0;
    case 'text-end':
      return (after & EDGE) !== 0;
    case 'line-start':
      return (before & (EDGE | LINE_FEED)) !== 0;
    case 'line-end':
      return (after & (EDGE | LINE_FEED)) !== 0;
    // Between \r and \n no line begins or ends.
    case 'crlf-start':
      return (
        (before & (EDGE | LINE_FEED)) !== 0 || ((before & CARRIAGE_RETURN) !== 0 && (after & LINE_FEED) === 0)
      );
    case 'crlf-end':
      return (
        (after & (EDGE | CARRIAGE_RETURN)) !== 0 ||
        ((after & LINE_FEED) !== 0 && (before & CARRIAGE_RETURN) === 0)
      );
    default: {
      const isAscii = assertion.startsWith('ascii-');
      const word = isAscii ? ASCII_WORD : WORD;
      const kind = (isAscii ? assertion.slice('ascii-'.length) : assertion) as WordAssertion;
      return wordAssertionHolds(kind, (before & word) !== 0, (after & word) !== 0);
    }
  }
}

function wordAssertionHolds(kind: WordAssertion, before: boolean, after: boolean): boolean {
  switch (kind) {
    case 'word-boundary':
      return before !== after;
    case 'no-word-boundary':
      return before === after;
    case 'word-start':
      return !before && after;
    case 'word-end':
      return before && !after;
    case 'word-start-half':
      return !before;
    case 'word-end-half':
      return !after;
  }
}
