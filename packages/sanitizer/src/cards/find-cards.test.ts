import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit, maskOnce, TEST_CARDS } from '../../testing/cards.ts';
import { CardFinder } from './find-cards.ts';

function masked(text: string, issuersOnly = false): string {
  const bytes = new TextEncoder().encode(text);
  const result = bytes.slice();
  new CardFinder(issuersOnly).find(bytes, (start, end) => result.fill(0x2a, start, end));
  return new TextDecoder().decode(result);
}

const stars = (count: number) => '*'.repeat(count);

describe('CardFinder finds cards spelled', () => {
  test.each([
    ['with percent-encoded spaces', '4242%204242%204242%204242', stars(25)],
    ['with plus signs', 'pan=4242+4242+4242+4242&x=1', `pan=${stars(19)}&x=1`],
    ['with a percent-encoded digit', '%34242424242424242', stars(18)],
    ['with every digit percent-encoded', '%34%32'.repeat(8), stars(48)],
    ['with JSON escapes', '"\\u00342424242\\n4242424\\u0032"', `"${stars(28)}"`],
    ['with character references', '<a>&#52;242 4242&#x20;4242&#32;4242</a>', `<a>${stars(32)}</a>`],
    ['with escapes in escapes', '%5Cu0034242424242424242', stars(23)],
    ['with digits that belong to an escape in one reading', '\\u4242424242424242', `\\u${stars(16)}`],
  ])('%s', (_what, text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  test('and leaves what an escape separates', () => {
    for (const text of ['4242%3A4242%3A4242%3A4242', '42424242\\t42424242', '42424242&lt;42424242']) {
      expect(masked(text)).toBe(text);
    }
  });
});

test('CardFinder looks again at digits beside a card', () => {
  const card = TEST_CARDS['Visa 16']!;
  const other = `9999999999${checkDigit('9999999999000') /* of no brand */}`;
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9 -]{0,40}$/),
      fc.stringMatching(/^[0-9 -]{0,40}$/),
      (before, after) => {
        const once = masked(`${before}${card}${after}${other}`);
        expect(masked(once)).toBe(once);
        expect(maskOnce(once)).toBe(once);
        expect(once).not.toContain(card);
      },
    ),
    { numRuns: 1_000 },
  );
});

/** The rules as they are written, again and again until no card is left. */
function maskAll(text: string): string {
  const once = maskOnce(text);
  return once === text ? text : maskAll(once);
}

test('CardFinder masks what the rules as they are written mask, again and again until no card is left', () => {
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.stringMatching(/^[0-9]{1,6}$/) },
    { weight: 3, arbitrary: fc.constantFrom(' ', '-', '\n', ' - ') },
    { weight: 1, arbitrary: fc.constantFrom('x', '0'.repeat(13), ...Object.values(TEST_CARDS)) },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(masked(pieces.join(''))).toBe(maskAll(pieces.join('')));
    }),
    { numRuns: 1_000 },
  );
});

test('CardFinder finds in a run of thousands of digits what the rules as they are written find', () => {
  const separator = fc.constantFrom('', ' ', '-', ' - ', '\n');
  const digits = fc.stringMatching(/^[0-9]{40}$/);
  fc.assert(
    fc.property(
      fc.array(digits, { minLength: 60, maxLength: 80 }),
      fc.integer({ min: 1, max: 60 }),
      separator,
      (lines, group, between) => {
        const text = (lines.join('').match(new RegExp(`\\d{1,${group}}`, 'g')) ?? []).join(between);
        expect(masked(text)).toBe(maskAll(text));
      },
    ),
    { numRuns: 12 },
  );
});

test('CardFinder masks no less than the rules as they are written', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9 \n-]{12,60}$/), (text) => {
      const expected = maskOnce(text);
      [...masked(text)].forEach((character, at) => {
        if (expected[at] === '*') expect(character).toBe('*');
        else expect(['*', text[at]]).toContain(character);
      });
    }),
    { numRuns: 1_000 },
  );
});

test('CardFinder finds a planted card in any spelling, between anything', () => {
  const spellings = [
    (digit: string) => digit,
    (digit: string) => `%3${digit}`,
    (digit: string) => `\\u003${digit}`,
    (digit: string) => `&#${48 + Number(digit)};`,
    (digit: string) => `&#x3${digit};`,
    (digit: string) => `%253${digit}`,
    (digit: string) => `\\\\u003${digit}`,
  ];
  const separators = [
    '',
    '',
    '',
    ' ',
    '-',
    '\n',
    '\r\n',
    '%20',
    '+',
    '\\n',
    '\\u0020',
    '&#32;',
    '%0A',
    ' - ',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(TEST_CARDS)),
      fc.array(fc.tuple(fc.nat(spellings.length - 1), fc.nat(separators.length - 1)), {
        minLength: 19,
        maxLength: 19,
      }),
      fc.string(),
      fc.string(),
      (card, spelled, before, after) => {
        const planted = [...card]
          .map(
            (digit, at) =>
              (at === 0 ? '' : separators[spelled[at]![1]]!) + spellings[spelled[at]![0]]!(digit),
          )
          .join('');
        expect(masked(`${before}|${planted}|${after}`)).not.toContain(planted);
        expect(masked(`${before}|${planted}|${after}`)).toContain(`|${stars(planted.length)}|`);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('CardFinder takes time that grows with the length alone', () => {
  for (const unit of [
    '%34',
    '+',
    '\\u0031',
    '&#49;',
    '&',
    '&#00000000000',
    '%25',
    '4242424242424242 ',
    '%34 1',
  ]) {
    const text = unit.repeat(Math.floor(400_000 / unit.length));
    // By the square of the length it would take an hour.
    expect(masked(text)).toHaveLength(text.length);
  }
});
