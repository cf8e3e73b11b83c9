/**
 * Running sums for the Luhn check, two in one number. The lower half counts the last digit once, the one before it twice and so on, as the
 * check does; the upper half counts the last digit twice. Each digit lets the halves change places, and adds to both what
 * {@link luhnSteps} says. No card has so many digits that it adds more than a byte holds, so a byte of each half is enough.
 *
 * Digits pass where the sum after them, less the sum before them, is a multiple of ten in its lower byte: less the lower half of the sum
 * before an even number of digits, its upper half before an odd number.
 */
export const LUHN_BYTES = 0x00ff_00ff;

/** What each digit adds. Longer than needed, as the next. */
export function luhnSteps(): Int32Array {
  const steps = new Int32Array(256);
  for (let value = 0; value < 10; value++)
    steps[value] = ((value < 5 ? value * 2 : value * 2 - 9) << 16) | value;
  return steps;
}

/**
 * What each digit adds at an even place, and sixteen entries later at an odd one, to running sums whose halves don't change places: the lower
 * half is for digits of which the last one is at an even place, the upper half for the others.
 */
export function luhnStepsByPlace(): Int32Array {
  const steps = luhnSteps();
  return Int32Array.from({ length: 32 }, (_, index) => {
    const step = steps[index & 0xf]!;
    return index < 16 ? step : (step << 16) | (step >>> 16);
  });
}

/** By a byte: all bits for a multiple of ten, none for another number. */
export function multiplesOfTen(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, sum) => (sum % 10 === 0 ? 0xff : 0));
}
