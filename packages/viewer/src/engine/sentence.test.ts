import { describe, expect, it } from 'vitest';
import { sentence } from './sentence.ts';

describe('sentence()', () => {
  it('begins with a capital and ends once', () => {
    expect(['there is no such node', 'Really?', ''].map(sentence)).toEqual([
      'There is no such node.',
      'Really?',
      '',
    ]);
  });
});
