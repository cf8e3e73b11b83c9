/** Card numbers that their issuers publish for tests, one or more of each brand and length. */
export const TEST_CARDS: Readonly<Record<string, string>> = {
  'Visa 16': '4242424242424242',
  'Visa 19': '4000000000000000006',
  'Mastercard 5': '5555555555554444',
  'Mastercard 2': '2223003122003222',
  'American Express': '378282246310005',
  'Discover 6011': '6011111111111117',
  'Discover 65': '6555900000604105',
  JCB: '3530111333300000',
  'Diners 14': '30569309025904',
  UnionPay: '6205500000000000004',
  Maestro: '6759649826438453',
};

/** Whether the digits pass the Luhn check, written plainly. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    const value = Number(digits[at]) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** The digit that makes digits pass the Luhn check when it follows them. */
export function checkDigit(digits: string): string {
  for (let digit = 0; digit <= 9; digit++) if (passesLuhn(digits + digit)) return String(digit);
  return '';
}

const BRANDS = [
  /^4(?:\d{15}|\d{18})$/,
  /^5[1-5]\d{14}$/,
  /^3[47]\d{13}$/,
  /^(?:6011|64[4-9]\d|65\d\d)(?:\d{12}|\d{15})$/,
  /^3(?:0[0-5]|6\d|[89]\d)\d{11}$/,
  /^62(?:\d{14}|\d{17})$/,
  /^(?:50|5[678]|6\d)\d{14}$/,
];

/** Whether the digits have a brand's prefix and length. */
export function isBranded(digits: string): boolean {
  const four = Number(digits.slice(0, 4));
  if (digits.length === 16 && four >= 2221 && four <= 2720) return true;
  if ((digits.length === 16 || digits.length === 19) && four >= 3528 && four <= 3589) return true;
  return BRANDS.some((brand) => brand.test(digits));
}

/** The text with its cards masked, by the rules as they are written, without a thought for speed. */
export function maskOnce(text: string): string {
  const masked = new Array<boolean>(text.length).fill(false);
  const mask = (start: number, end: number) => masked.fill(true, start, end);
  for (const match of text.matchAll(/(\d[\n -]*){11,18}\d/g))
    if (passesLuhn(match[0].replace(/\D/g, ''))) mask(match.index, match.index + match[0].length);
  for (const run of text.matchAll(/\d(?:[\n -]*\d)*/g)) {
    const groups = [...run[0].matchAll(/\d+/g)];
    groups.forEach((first, index) => {
      let digits = '';
      for (const group of groups.slice(index, index + 19)) {
        digits += group[0];
        if (digits.length >= 12 && digits.length <= 19 && passesLuhn(digits))
          mask(run.index + first.index, run.index + group.index + group[0].length);
      }
    });
    const places = [...run[0]].flatMap((character, at) => (/\d/.test(character) ? [at] : []));
    places.forEach((_, first) => {
      for (const length of [14, 15, 16, 19]) {
        const window = places.slice(first, first + length);
        const digits = window.map((at) => run[0][at]).join('');
        if (digits.length === length && isBranded(digits) && passesLuhn(digits))
          mask(run.index + window[0]!, run.index + window.at(-1)! + 1);
      }
    });
  }
  return [...text].map((character, at) => (masked[at] ? '*' : character)).join('');
}
