import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headEnd } from './head-end.ts';

test('headEnd() is behind the first CRLF CRLF, wherever it stands', () => {
  const bytes = fc.array(fc.constantFrom(13, 10, 13, 10, 65), { maxLength: 40 });
  fc.assert(
    fc.property(bytes, fc.nat(8), (list, from) => {
      const text = Buffer.from(list);
      const at = text.indexOf('\r\n\r\n', from, 'latin1');
      expect(headEnd(text, from)).toBe(at < 0 ? -1 : at + 4);
    }),
    { numRuns: 5_000 },
  );
});
