/** What a byte is in a run of digits; 0 is anything that ends the run. */
export const DIGIT = 1;
/** Newline, space and hyphen: what may stand between a card's digits. */
export const SEPARATOR = 2;
/** Carriage return, as part of a newline, and NUL, as in text of two bytes a character. */
export const LOOSE_SEPARATOR = 3;

/** The kind of each byte. */
export const KINDS: Uint8Array = new Uint8Array(256);
KINDS.fill(DIGIT, 0x30, 0x3a);
for (const byte of [0x0a, 0x20, 0x2d]) KINDS[byte] = SEPARATOR;
for (const byte of [0x0d, 0x00]) KINDS[byte] = LOOSE_SEPARATOR;
