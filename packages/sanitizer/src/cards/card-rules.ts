/** Fewest and most digits of a card number. */
export const CARD_DIGITS_MIN = 12;
export const CARD_DIGITS_MAX = 19;

/**
 * What is a card in a run of digits and separators: (1) the matches of `(\d[\n -]*){11,18}\d`, leftmost and greedy; (2) consecutive whole groups of 12 to 19
 * digits together; (3) a brand's prefix and length, anywhere among the digits. All must pass Luhn. `brands` leaves out the first two,
 * `groups` the third.
 */
export type CardRules = 'all' | 'brands' | 'groups';
