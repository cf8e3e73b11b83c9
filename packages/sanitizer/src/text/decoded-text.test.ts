import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DECODED_LAYERS_MAX, DecodedText } from './decoded-text.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const layers = (text: string) => DecodedText.layersOf(bytesOf(text)).map((layer) => textOf(layer.bytes));

describe('DecodedText.layersOf() decodes', () => {
  test.each([
    ['percent encoding', '%34%32+%C3%A9', ['42 é']],
    ['JSON', '\\u0034\\n\\"\\\\\\/\\ud83d\\ude00', ['4\n"\\/😀', '4\n"/😀']],
    ['hexadecimal escapes', '\\x34\\x32', ['42']],
    ['character references', '&#52;&#x32;&#0000050;&amp;&nbsp;', ['422& ']],
    ['one in another', '%5Cu0034%26%2352%3B', ['\\u0034&#52;', '44']],
    ['percent encoding twice', '%2534', ['%34', '4']],
    ['a lone surrogate', '\\ud83d!', ['�!']],
    ['too large a reference', '&#99999999999999;', ['�']],
    ['nothing where there is nothing', 'plain text', []],
    ['nothing that only looks like an escape', '100% of &co \\q &#; &#x; &#5', []],
    ['what is cut short not at all', '4%3', []],
  ])('%s', (_what, text, expected) => {
    expect(layers(text)).toEqual(expected);
  });

  test('no more layers than it has a bound for', () => {
    expect(layers('%2525252534')).toHaveLength(DECODED_LAYERS_MAX);
  });
});

test('DecodedText.sourceRange() gives whole escapes', () => {
  const [layer] = DecodedText.layersOf(bytesOf('a%34b&eacute;\\u00e9+c'));
  expect(textOf(layer!.bytes)).toBe('a4b&eacute;é c');
  expect(layer!.sourceRange(1, 2)).toEqual([1, 4]);
  expect(layer!.sourceRange(11, 12)).toEqual([13, 19]);
  expect(layer!.sourceRange(12, 13)).toEqual([13, 19]);
  expect(layer!.sourceRange(13, 15)).toEqual([19, 21]);
  expect(layer!.sourceRange(0, layer!.bytes.length)).toEqual([0, 21]);
});

test('DecodedText.sourceRange() goes through all layers', () => {
  const all = DecodedText.layersOf(bytesOf('x%2534y'));
  expect(all[1]!.sourceRange(1, 2)).toEqual([1, 6]);
});

test('DecodedText finds in any spelling where it stood', () => {
  const spelled = fc.constantFrom(
    (code: number) => `%${code.toString(16).padStart(2, '0')}`,
    (code: number) => `\\u${code.toString(16).padStart(4, '0')}`,
    (code: number) => `&#${code};`,
    (code: number) => `&#x${code.toString(16)};`,
    (code: number) => String.fromCharCode(code),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0x30, max: 0x39 }), spelled), { minLength: 1 }),
      (characters) => {
        const pieces = characters.map(([code, spell]) => spell(code));
        const source = `%20${pieces.join('')}`;
        const [layer] = DecodedText.layersOf(bytesOf(source));
        expect(textOf(layer!.bytes)).toBe(
          ` ${characters.map(([code]) => String.fromCharCode(code)).join('')}`,
        );
        let start = 3;
        pieces.forEach((piece, index) => {
          expect(layer!.sourceRange(index + 1, index + 2)).toEqual([start, start + piece.length]);
          start += piece.length;
        });
      },
    ),
  );
});
