import { compileRule } from '@gatescope/expressions';
import { describe, expect, it } from 'vitest';
import { draftErrors } from './session-draft.ts';
import { START_CARDS } from './start-cards.ts';

describe('START_CARDS', () => {
  it.each(START_CARDS.map((card) => [card.title, card] as const))(
    '“%s” fills in a form that can be sent',
    (_, { draft }) => {
      expect(draftErrors(draft)).toEqual({});
      expect(compileRule(draft.rule).ok).toBe(true);
    },
  );
});
