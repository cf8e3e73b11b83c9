import { describe, expect, it } from 'vitest';
import { keyStateWords } from './key-states.ts';

describe('keyStateWords()', () => {
  it('says what a state means for what is sealed', () =>
    expect(keyStateWords('destroyed')).toEqual({
      tone: 'danger',
      text: 'Gone: what it sealed can’t ever be read again.',
    }));
  it.each(['toString', 'new-one'])('takes a state it does not know: %s', (state) =>
    expect(keyStateWords(state)).toEqual({ tone: 'neutral', text: '' }),
  );
});
