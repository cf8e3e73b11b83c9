import type { LogLine } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import {
  ALL_LINES,
  countsOf,
  filterLines,
  isFiltering,
  type LogFilter,
  lineOffset,
  rowOfLine,
} from './log-filter.ts';
import { sampleTrace } from './testing/sample-trace.ts';

const model = sampleTrace(`
  kong 0+1000
    kong.phase.access 10+200
      kong.access.plugin.key-auth 20+100
    kong.upstream.selection 300+50
`);
const id = (row: number) => model.skeleton.span_id[row]!;

function line(message: string, fields: Partial<LogLine> = {}): LogLine {
  return {
    time_unix_nano: '1769851800000012345',
    ...{ level: 'info', type: 'plugin', source: 'plugin:key-auth', message, attributes: {} },
    ...{ trace_id: 'aa', span_id: id(2), ...fields },
  };
}

const LINES = [
  line('done', { level: 'info', type: 'access', source: 'gateway', span_id: id(0) }),
  line('refused', {
    level: 'error',
    type: 'upstream',
    source: 'upstream',
    span_id: id(3),
    attributes: { peer: '10.0.0.7' },
  }),
  line('key read', { level: 'debug' }),
  line('node restarted', { level: 'warn', type: 'config', source: 'gateway', span_id: null }),
];

describe('filterLines()', () => {
  const found = (filter: Partial<LogFilter>) =>
    filterLines(LINES, { ...ALL_LINES, ...filter }, model).map(({ message }) => message);

  it.each<[string, Partial<LogFilter>, string[]]>([
    ['nothing asked', {}, ['done', 'refused', 'key read', 'node restarted']],
    ['a lowest level', { level: 'warn' }, ['refused', 'node restarted']],
    ['a type', { type: 'access' }, ['done']],
    ['a source', { source: 'gateway' }, ['done', 'node restarted']],
    ['a span with what lies below', { spanId: id(1) }, ['key read']],
    ['a span alone', { spanId: id(1), subtree: false }, []],
    ['the whole request', { spanId: id(0) }, ['done', 'refused', 'key read']],
    ['a span that is not here', { spanId: 'beef' }, []],
    ['a text in the message', { text: ' REFUSED ' }, ['refused']],
    ['a text in an attribute', { text: '0.0.7' }, ['refused']],
    [
      'all of it',
      { level: 'error', type: 'upstream', source: 'upstream', spanId: id(3), text: 'peer' },
      ['refused'],
    ],
  ])('%s', (_, filter, messages) => {
    expect(found(filter)).toEqual(messages);
    expect(isFiltering({ ...ALL_LINES, ...filter })).toBe(Object.keys(filter).length > 0);
  });
});

describe('countsOf()', () => {
  it('counts what there is, the most frequent first', () => {
    expect(countsOf(LINES, ({ source }) => source)).toEqual([
      ['gateway', 2],
      ['plugin:key-auth', 1],
      ['upstream', 1],
    ]);
    expect(countsOf(LINES, ({ span_id }) => span_id)).toHaveLength(3);
  });
});

describe('lineOffset()', () => {
  it('is exact to the microsecond, before the first span too', () => {
    expect(lineOffset(LINES[0]!, model.skeleton.origin_unix_nano)).toBe('+0.012 ms');
    expect(
      lineOffset(line('', { time_unix_nano: '1769851799999000000' }), model.skeleton.origin_unix_nano),
    ).toBe('−1.000 ms');
  });
});

it('rowOfLine() finds the span, and says where there is none', () => {
  expect(LINES.map((one) => rowOfLine(one, model))).toEqual([0, 3, 2, -1]);
});
