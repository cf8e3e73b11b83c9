import { describe, expect, it } from 'vitest';
import { cutText, visibleText } from './visible-text.ts';

describe('visibleText()', () => {
  it('leaves what can be seen as it is, in any script', () => {
    for (const text of [
      '',
      'kong.phase.access',
      'مرحبا',
      'שלום',
      'a\tb\nc',
      '👩‍🚀'.replace('‍', ''),
      '<b>&amp;',
    ])
      expect(visibleText(text)).toBe(text);
  });

  it('names what turns the direction, has no width or is no character', () => {
    expect(visibleText('safe\u202egnp.exe')).toBe('safe⟨U+202E⟩gnp.exe');
    expect(visibleText('a\u200bb\u0000c\ufeff')).toBe('a⟨U+200B⟩b⟨U+0000⟩c⟨U+FEFF⟩');
    expect(visibleText('\u{e0041}')).toBe('⟨U+E0041⟩');
    expect(visibleText('x\ud800')).toBe('x⟨U+D800⟩');
  });
});

describe('cutText()', () => {
  it('keeps what is short enough', () => {
    expect(cutText('abc', 3)).toBe('abc');
  });

  it('ends with an ellipsis where it cut, and never within a character', () => {
    expect(cutText('abcdef', 4)).toBe('abc…');
    expect(cutText('ab👩cd', 4)).toBe('ab…');
    expect(cutText('ab👩cd', 5)).toBe('ab👩…');
  });
});
