import type { LogLine } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { linesText } from './log-lines.ts';

const LINE: LogLine = {
  time_unix_nano: '1800000000001500000',
  level: 'warn',
  type: 'plugin',
  source: 'plugin:key-auth',
  message: 'no key',
  attributes: { tries: 2, deep: { a: 1 } },
  trace_id: null,
  span_id: null,
};
const TRACE = { origin_unix_nano: '1800000000000000000' };

describe('linesText()', () => {
  it('shows lines in the order they were written, with how far into the trace they are', () => {
    const first = {
      ...LINE,
      time_unix_nano: '1800000000000000000',
      level: 'info' as const,
      source: 'gateway',
    };
    const text = linesText([LINE, first], TRACE).split('\n');
    expect(text[1]).toMatch(/^ +\+0\S* +.*info +.*gateway +no key/);
    expect(text[2]).toMatch(/^ +\+1\.5\S* ?ms +.*warn +.*plugin:key-auth +no key.* tries=2 deep=\{"a":1\}/);
  });

  it('lets no line steer the terminal or forge another', () => {
    const text = linesText(
      [{ ...LINE, message: 'a\u001b[2Jb\nc', attributes: { 'x\u0007': '\u009b' } }],
      TRACE,
    );
    expect(text).not.toContain('\u001b[2J');
    expect(text).toContain('a\\x1b[2Jb\\x0ac');
    expect(text).toContain('x\\x07=\\x9b');
  });

  it('says so where there is none', () => {
    expect(linesText([], TRACE)).toContain('no log lines');
  });
});
