/** Says why a file, or what should be in it, can't be shown, and what could be. */
export class OpenError extends Error {}
