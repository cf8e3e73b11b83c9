import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompiledRule, compileRule } from '@gatescope/expressions';
import { type Span, toOtlpJson } from '@gatescope/trace';
import { afterAll, describe, expect, it } from 'vitest';
import { countMatches } from './count-matches.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-rule-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, 'traces.json');
  writeFileSync(path, text);
  return path;
}

function span(name: string, attributes: Span['attributes']): Span {
  return {
    span_id: '00f067aa0ba902b7',
    parent_span_id: null,
    name,
    kind: 'SERVER',
    start_unix_nano: '1700000000000000000',
    end_unix_nano: '1700000000300000000',
    attributes,
    events: [],
    status: { code: 'UNSET', message: '' },
  };
}

const statuses = [200, 503, 503].map((status, index) => ({
  trace_id: `4bf92f3577b34da6a3ce929d0e0e473${index}`,
  spans: [span('kong', { 'http.response.status_code': status })],
}));
const exported = JSON.stringify(
  toOtlpJson([...statuses, { trace_id: 'f'.repeat(32), spans: [span('other', {})] }], {}),
);

function ruleOf(text: string): CompiledRule {
  const compiled = compileRule(text);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return compiled.rule;
}

describe('countMatches()', () => {
  it.each<[string, number, string[]]>([
    ['http.response.status_code == 503', 2, []],
    ['span("kong").duration == 300ms', 3, []],
    ['route.name == checkout', 0, ['route.name']],
    ['!(service.name == orders)', 3, ['service.name']],
    ['http.headers.x == "1" || net.dst.ip == ::1', 0, ['net.dst.ip', 'http.headers.<name>']],
  ])('counts what %s matches', (rule, matched, untold) => {
    expect(countMatches(ruleOf(rule), fileOf(exported))).toEqual({ traces: 3, matched, untold });
  });

  it.each([
    ['no JSON', '{', "can't be read"],
    ['no OTLP', '[]', 'resourceSpans should be a list'],
  ])('refuses a file that is %s', (_, text, message) => {
    const rule = ruleOf('tls.resumed');
    expect(() => countMatches(rule, fileOf(text))).toThrow(message);
  });

  it('refuses a file that is not there', () => {
    expect(() => countMatches(ruleOf('tls.resumed'), join(folder, 'none.json'))).toThrow('ENOENT');
  });
});
