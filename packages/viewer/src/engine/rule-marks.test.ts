import { describe, expect, it } from 'vitest';
import { markedLine, offsetOf, replacementIn, withReplacement } from './rule-marks.ts';

const RULE = 'http.method == GET\n&& http.pth == "/x"';
const wrong = {
  message: 'unknown field http.pth',
  line: 2,
  column: 4,
  length: 8,
  severity: 'error' as const,
  suggestion: 'did you mean http.path?',
};

describe('offsetOf()', () => {
  it('counts lines and columns from 1, and stays within the text', () => {
    expect(offsetOf(RULE, 1, 1)).toBe(0);
    expect(offsetOf(RULE, 2, 4)).toBe(22);
    expect(offsetOf(RULE, 9, 1)).toBe(RULE.length);
    expect(offsetOf(RULE, 2, 99)).toBe(RULE.length);
  });
});

describe('markedLine()', () => {
  it('puts carets below what is marked', () => {
    expect(markedLine(RULE, wrong)).toEqual({ text: '&& http.pth == "/x"', carets: '   ^^^^^^^^' });
    expect(markedLine('\ta == 1', { ...wrong, line: 1, column: 2, length: 1 }).carets).toBe('\t^');
  });

  it('puts one caret at the end of a line, also of one that is not there', () => {
    expect(markedLine('a ==', { ...wrong, line: 1, column: 5, length: 1 }).carets).toBe('    ^');
    expect(markedLine('a', { ...wrong, line: 7 })).toEqual({ text: '', carets: '^' });
  });
});

describe('replacementIn() and withReplacement()', () => {
  it('write what is suggested', () => {
    expect(replacementIn(wrong.suggestion)).toBe('http.path');
    expect(withReplacement(RULE, wrong, 'http.path')).toEqual({
      text: 'http.method == GET\n&& http.path == "/x"',
      caret: 31,
    });
  });

  it('take no advice for text', () => {
    expect(replacementIn('put the value in quotes')).toBeNull();
    expect(replacementIn(null)).toBeNull();
  });
});
