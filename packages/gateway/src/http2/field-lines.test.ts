import { describe, expect, it } from 'vitest';
import { readFieldLines } from './field-lines.ts';

describe('readFieldLines()', () => {
  it('joins lines of one name, but for cookies, and leaves out what is of a connection', () => {
    expect({
      ...readFieldLines(
        'A: 1\r\nSet-Cookie: a=1\r\na: 2\r\nSet-Cookie: b=2\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n',
      ),
    }).toEqual({ a: '1, 2', 'set-cookie': ['a=1', 'b=2'] });
  });

  it('leaves out blanks around values, which strict clients refuse', () => {
    expect({ ...readFieldLines('A:  1 \t\r\nB:2\r\nC: \r\nD: \u00a0x y\u00a0\r\n') }).toEqual({
      ...{ a: '1', b: '2', c: '' },
      d: '\u00a0x y\u00a0',
    });
  });
});
