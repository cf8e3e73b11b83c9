import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  headerLines,
  maskedPieces,
  partsOf,
  previewedWord,
  REDACTION_KINDS,
  readRedaction,
  redactionOf,
  typedHeaders,
  writeRedaction,
} from './redaction.ts';

describe('readRedaction()', () => {
  it('reads what writeRedaction() wrote', () =>
    fc.assert(
      fc.property(fc.constantFrom(...REDACTION_KINDS), fc.string({ minLength: 1 }), (kind, value) => {
        const rule = redactionOf(kind, value);
        expect(readRedaction(writeRedaction(rule))).toEqual([rule]);
        expect(partsOf(rule)).toEqual({ kind, value });
      }),
    ));

  it.each(['', 'header', 'header:', 'body:x'])('finds no rule in %j', (text) =>
    expect(readRedaction(text)).toEqual([]),
  );
});

it('previewedWord() tells a tried rule by what it says', () => {
  const rules = [{ header: 'x-a' }, { json_path: '$.a' }, { pattern: 'a+' }];
  expect(
    ['rules[0]', 'rules[1]', 'rules[2]', 'rules[3]', 'card'].map((name) => previewedWord(name, rules)),
  ).toEqual([...['header x-a', 'JSON path $.a', 'pattern a+', 'rules[3]', 'card number']]);
});

describe('maskedPieces()', () => {
  it('tells masks from the rest, and leaves a lone asterisk', () =>
    expect(maskedPieces('Bearer **** and 2*3 ***')).toEqual([
      { text: 'Bearer ', isMasked: false },
      { text: '****', isMasked: true },
      { text: ' and 2*3 ', isMasked: false },
      { text: '***', isMasked: true },
    ]));
});

describe('typedHeaders()', () => {
  it('reads lines, repeated names and values with colons', () =>
    expect({ ...typedHeaders('Host: a:80\nX-A: 1\nx-a: 2\nnonsense\n: x\n__proto__: y') }).toEqual(
      Object.fromEntries([
        ['host', 'a:80'],
        ['x-a', ['1', '2']],
        ['__proto__', 'y'],
      ]),
    ));

  it('is written back as lines', () =>
    expect(headerLines({ host: 'a', 'x-a': ['1', '2'] })).toBe('host: a\nx-a: 1\nx-a: 2'));
});
