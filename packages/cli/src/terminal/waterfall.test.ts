import type { Skeleton } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { waterfall } from './waterfall.ts';

function skeleton(parents: number[]): Skeleton {
  const rows = parents.map((_, row) => row);
  return {
    summary: {} as Skeleton['summary'],
    origin_unix_nano: '0',
    span_count: parents.length,
    names: ['kong', 'kong.router'],
    name: rows.map((row) => Math.min(row, 1)),
    span_id: rows.map(String),
    parent: parents,
    start_ns: rows.map((row) => row * 1_000_000),
    duration_ns: rows.map((row) => (row === 0 ? 4_000_000 : 1_000_000)),
    status: rows.map((row) => (row === 2 ? 2 : 0)),
  };
}

describe('waterfall()', () => {
  it('draws every span below its parent, on one axis', () => {
    expect(waterfall(skeleton([-1, 0, 0]), 60)).toBe(
      [
        `${' '.repeat(26)}0${' '.repeat(16)}2.00 ms${' '.repeat(3)}4.00 ms`,
        `kong             4.00 ms  ${'█'.repeat(34)}`,
        `  kong.router    1.00 ms  ${' '.repeat(8)}${'█'.repeat(8)}▌`,
        `  kong.router    1.00 ms  ${' '.repeat(17)}${'█'.repeat(8)}▌`,
        '',
      ].join('\n'),
    );
  });

  it('takes a parent that is not in the trace for none', () => {
    const lines = waterfall(skeleton([-2, 0]), 60).split('\n');
    expect(lines.slice(1, 3).map((line) => line.slice(0, 13))).toEqual(['kong         ', '  kong.router']);
  });
});
