import { phaseOfSpan, pluginOfSpan } from './span-category.ts';
import { durationOf, hasFailed, nameOf, type TraceModel } from './trace-model.ts';

/** A filter over spans, or what is wrong with it. */
export type SpanFilter =
  | { readonly ok: true; readonly matches: (model: TraceModel, row: number) => boolean }
  | { readonly ok: false; readonly message: string };

type Test = (model: TraceModel, row: number) => boolean;

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/**
 * Reads a filter: words that all must hold. `plugin:cors`, `phase:access`, `dur>5ms`, `status=error`, anything else is looked for in
 * the span's name; `-` or `!` before a word turns it around. Null for a filter without words.
 */
export function parseSpanFilter(text: string): SpanFilter | null {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  const tests: Test[] = [];
  for (const word of words) {
    const negated = /^[-!]./.test(word);
    const test = testOf(negated ? word.slice(1) : word);
    if (typeof test === 'string') return { ok: false, message: test };
    tests.push(negated ? (model, row) => !test(model, row) : test);
  }
  return { ok: true, matches: (model, row) => tests.every((test) => test(model, row)) };
}

/** 1 for every row that the filter matches. */
export function matchingRows(model: TraceModel, matches: Test): Uint8Array {
  const rows = new Uint8Array(model.count);
  for (let row = 0; row < model.count; row++) if (matches(model, row)) rows[row] = 1;
  return rows;
}

function testOf(word: string): Test | string {
  const keyed = /^(plugin|phase):(.*)$/i.exec(word);
  if (keyed !== null) {
    const wanted = keyed[2]!.toLowerCase();
    return keyed[1]!.toLowerCase() === 'plugin'
      ? byName((name) => pluginOfSpan(name)?.plugin.toLowerCase().includes(wanted) === true)
      : byName((name) => (pluginOfSpan(name)?.phase ?? phaseOfSpan(name))?.toLowerCase() === wanted);
  }
  if (/^dur/i.test(word) && /[<>=]/.test(word)) return durationTest(word);
  const status = /^status[=:](.*)$/i.exec(word);
  if (status !== null) return statusTest(status[1]!.toLowerCase());
  const wanted = word.toLowerCase();
  return byName((name) => name.toLowerCase().includes(wanted));
}

function durationTest(word: string): Test | string {
  const parts = /^dur(?:ation)?(>=|<=|>|<)(\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/i.exec(word);
  if (parts === null) return `“${word}” is no duration: write dur>5ms, dur<=200us`;
  const limit = Number(parts[2]) * UNIT_NS[parts[3]!.toLowerCase()]!;
  switch (parts[1]) {
    case '>':
      return (model, row) => durationOf(model, row) > limit;
    case '>=':
      return (model, row) => durationOf(model, row) >= limit;
    case '<':
      return (model, row) => durationOf(model, row) < limit;
    default:
      return (model, row) => durationOf(model, row) <= limit;
  }
}

function statusTest(status: string): Test | string {
  const codes: Readonly<Record<string, number>> = { unset: 0, ok: 1, error: 2 };
  const code = codes[status];
  if (code === undefined) return `“${status}” is no status: write status=error, status=ok or status=unset`;
  return code === 2 ? hasFailed : (model, row) => model.skeleton.status[row] === code;
}

/** Asks once per distinct name: a long trace repeats few. */
function byName(test: (name: string) => boolean): Test {
  const known = new Map<string, boolean>();
  return (model, row) => {
    const name = nameOf(model, row);
    let answer = known.get(name);
    if (answer === undefined) known.set(name, (answer = test(name)));
    return answer;
  };
}
