import { describe, expect, it } from 'vitest';
import { AppError, messageOf } from './app-error.ts';

describe('AppError', () => {
  it('`from()` gives a foreseen failure back as it is', () => {
    const error = new AppError('not_found', 'no session 7', {
      details: [{ message: 'no such id', path: 'id' }],
    });
    expect(AppError.from(error)).toBe(error);
    expect(error.details).toEqual([{ message: 'no such id', path: 'id' }]);
  });

  it('`from()` makes anything else internal and keeps its cause', () => {
    const cause = new TypeError('x is undefined');
    const error = AppError.from(cause);
    expect({ code: error.code, message: error.message, cause: error.cause }).toEqual({
      code: 'internal',
      message: 'x is undefined',
      cause,
    });
  });

  it('`messageOf()` is never empty', () => {
    expect([messageOf(new Error('')), messageOf(''), messageOf(null), messageOf('boom')]).toEqual([
      'Error',
      'unknown error',
      'null',
      'boom',
    ]);
  });
});
