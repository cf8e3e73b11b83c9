/** Bits that say which lengths a card number can have. */
export const LENGTH_14 = 1;
export const LENGTH_15 = 2;
export const LENGTH_16 = 4;
export const LENGTH_19 = 8;

interface Issuer {
  readonly name: string;
  /** Ranges of prefixes, first and last of equal length, both included. */
  readonly prefixes: readonly (readonly [first: string, last: string])[];
  readonly lengths: number;
}

/** The card brands whose numbers are looked for inside longer runs of digits. */
export const ISSUERS: readonly Issuer[] = [
  { name: 'Visa', prefixes: [['4', '4']], lengths: LENGTH_16 | LENGTH_19 },
  {
    name: 'Mastercard',
    prefixes: [
      ['51', '55'],
      ['2221', '2720'],
    ],
    lengths: LENGTH_16,
  },
  {
    name: 'American Express',
    prefixes: [
      ['34', '34'],
      ['37', '37'],
    ],
    lengths: LENGTH_15,
  },
  {
    name: 'Discover',
    prefixes: [
      ['6011', '6011'],
      ['644', '649'],
      ['65', '65'],
    ],
    lengths: LENGTH_16 | LENGTH_19,
  },
  { name: 'JCB', prefixes: [['3528', '3589']], lengths: LENGTH_16 | LENGTH_19 },
  {
    name: 'Diners',
    prefixes: [
      ['300', '305'],
      ['36', '36'],
      ['38', '39'],
    ],
    lengths: LENGTH_14,
  },
  { name: 'UnionPay', prefixes: [['62', '62']], lengths: LENGTH_16 | LENGTH_19 },
  {
    name: 'Maestro',
    prefixes: [
      ['50', '50'],
      ['56', '58'],
      ['6', '6'],
    ],
    lengths: LENGTH_16,
  },
];

/** The shortest of these cards. */
export const CARD_DIGITS_OF_BRANDS_MIN = 14;

/** The lengths that a card can have by its first four digits, each in four bits. */
export const LENGTHS_BY_FIRST_FOUR: Uint8Array = table();

/** The lengths that cards can have by their first two digits, each in four bits. A sieve: some of them need more digits. */
export function lengthsByFirstTwo(): Uint8Array {
  const lengths = new Uint8Array(256);
  LENGTHS_BY_FIRST_FOUR.forEach((possible, four) => {
    lengths[four >> 8]! |= possible;
  });
  return lengths;
}

/** By a number of digits, up to before `count`: the lengths of cards that are not above it, each in four bits. */
export function lengthsByCount(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, digits) =>
    [LENGTH_14, LENGTH_15, LENGTH_16, LENGTH_19]
      .filter((length) => longest(length, digits) !== 0)
      .reduce((lengths, length) => lengths | length, 0),
  );
}

/** The greatest of some lengths that is not above a number of digits; 0 where there is none. */
export function longest(lengths: number, digitsMax: number): number {
  if ((lengths & LENGTH_19) !== 0 && digitsMax >= 19) return 19;
  if ((lengths & LENGTH_16) !== 0 && digitsMax >= 16) return 16;
  if ((lengths & LENGTH_15) !== 0 && digitsMax >= 15) return 15;
  return (lengths & LENGTH_14) !== 0 && digitsMax >= 14 ? 14 : 0;
}

function table(): Uint8Array {
  const lengths = new Uint8Array(65_536);
  for (const issuer of ISSUERS)
    for (const [first, last] of issuer.prefixes) {
      const from = Number(first.padEnd(4, '0'));
      const to = Number(last.padEnd(4, '9'));
      for (let four = from; four <= to; four++) lengths[Number.parseInt(String(four), 16)]! |= issuer.lengths;
    }
  return lengths;
}
