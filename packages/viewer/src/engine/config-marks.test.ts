import { describe, expect, it } from 'vitest';
import { configRemarks } from './config-marks.ts';

const TEXT = 'services:\n- url: 7  # a comment\n- name: x\n';

describe('configRemarks()', () => {
  it('puts errors before warnings, each in the order of the text, with its place', () =>
    expect(
      configRemarks(TEXT, {
        errors: [
          { message: 'nowhere' },
          { message: 'expected a text', path: 'services[0].url', line: 2, column: 8, suggestion: 'quote it' },
        ],
        warnings: [{ message: 'unknown', line: 1, column: 1, suggestion: null }],
      }),
    ).toEqual([
      {
        severity: 'error',
        message: 'expected a text',
        path: 'services[0].url',
        suggestion: 'quote it',
        where: '2:8',
        from: 17,
        to: 18,
      },
      { severity: 'error', message: 'nowhere', path: '', suggestion: '', where: '', from: null, to: null },
      { severity: 'warning', message: 'unknown', path: '', suggestion: '', where: '1:1', from: 0, to: 9 },
    ]));

  it('marks one character where the place is beyond the text', () => {
    const [remark] = configRemarks('a', { errors: [{ message: 'more', line: 9, column: 9 }], warnings: [] });
    expect([remark!.from, remark!.to]).toEqual([1, 2]);
  });
});
