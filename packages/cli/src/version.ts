/** The version of the product; the same in every package.json. */
export const VERSION = '0.1.0';
