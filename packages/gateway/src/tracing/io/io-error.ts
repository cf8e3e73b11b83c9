/**
 * Why I/O failed, in a word: a code like ECONNREFUSED, or the name of the error. Never its message, which may quote what was sent (Redis
 * repeats the arguments of a command it does not know).
 */
export function ioError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed';
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  if (typeof code === 'string' && WORD.test(code)) return code;
  if (typeof cause?.code === 'string' && WORD.test(cause.code)) return cause.code;
  return typeof name === 'string' && WORD.test(name) ? name : 'failed';
}

const WORD = /^\w{1,64}$/;
