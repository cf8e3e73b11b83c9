import type { Sanitizer } from '@gatescope/sanitizer';
import { describe, expect, it } from 'vitest';
import { OwnMasking } from './own-masking.ts';

describe('OwnMasking', () => {
  it('masks by the rules of armed sessions while they are armed, and by key names all the time', () => {
    const used: Sanitizer[] = [];
    const masking = new OwnMasking((sanitizer) => used.push(sanitizer));
    const shown = () => used.at(-1)!.text('x-shop-key=k1 ssn-1 nr-2').text;
    masking.useKeyNames(['x-shop-key']);
    expect(shown()).toBe('x-shop-key=**** ssn-1 nr-2');
    const [ssn, nr] = [[{ pattern: 'ssn-[0-9]+' }], [{ pattern: 'nr-[0-9]+' }]];
    masking.maskFor([ssn, [], nr]);
    expect(shown()).toBe('x-shop-key=**** **** ****');
    masking.useKeyNames([]);
    expect(shown()).toBe('x-shop-key=k1 **** ****');
    masking.maskFor([nr]);
    expect(shown()).toBe('x-shop-key=k1 ssn-1 ****');
    masking.maskFor([[]]);
    expect(shown()).toBe('x-shop-key=k1 ssn-1 nr-2');
  });

  it('makes nothing anew where the rules are those that it has', () => {
    let made = 0;
    const masking = new OwnMasking(() => made++);
    const rules = [{ pattern: 'a' }];
    masking.maskFor([]);
    masking.maskFor([rules]);
    masking.maskFor([[], rules]);
    expect(made).toBe(1);
  });
});
