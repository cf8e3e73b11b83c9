/**
 * Running Luhn sums. A state holds two sums modulo 10 of the digits so far, one that counts even-numbered digits once and odd-numbered
 * ones twice (low half of the byte) and the reverse (high half). The digits between two states pass Luhn where the sum that counts the
 * last of them once is the same in both.
 */
export const LUHN_START = 0;
/** A state that is equal to no other. */
export const LUHN_NONE = 0xff;

/** The state after a digit: index {@link luhnIndex}. */
export const LUHN_NEXT: Uint8Array = table();

/** The index of {@link LUHN_NEXT} for a state, the number of the digit (its parity matters) and its value. */
export function luhnIndex(state: number, number: number, value: number): number {
  return ((number & 1) << 12) | (state << 4) | value;
}

function table(): Uint8Array {
  const next = new Uint8Array(8_192);
  for (let value = 0; value < 10; value++) {
    const doubled = value < 5 ? value * 2 : value * 2 - 9;
    for (let low = 0; low < 10; low++) {
      for (let high = 0; high < 10; high++) {
        const state = (high << 4) | low;
        next[luhnIndex(state, 0, value)] = (((high + doubled) % 10) << 4) | ((low + value) % 10);
        next[luhnIndex(state, 1, value)] = (((high + value) % 10) << 4) | ((low + doubled) % 10);
      }
    }
  }
  return next;
}
