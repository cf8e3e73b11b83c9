import { attributeTest } from './attribute-test.ts';
import { phaseOfSpan, pluginOfSpan } from './span-category.ts';
import { durationOf, hasFailed, nameOf, type TraceModel } from './trace-model.ts';
import type { FactsOf } from './transaction.ts';

/** A filter over spans, or what is wrong with it. */
export type SpanFilter =
  | {
      readonly ok: true;
      /** Whether it asks for attributes: without them no span matches. */
      readonly needsAttributes: boolean;
      readonly matches: SpanTest;
    }
  | { readonly ok: false; readonly message: string };

export type SpanTest = (model: TraceModel, row: number, factsOf: FactsOf) => boolean;

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/**
 * Reads a filter: words that all must hold. `plugin:cors`, `phase:access`, `dur>5ms`, `status=error`, `attr.key=value` (see
 * `attributeTest`), anything else is looked for in the span's name; `-` or `!` before a word turns it around, and quotes hold together
 * what has spaces. Null for a filter without words.
 */
export function parseSpanFilter(text: string): SpanFilter | null {
  const words = wordsOf(text);
  if (words.length === 0) return null;
  const tests: SpanTest[] = [];
  let needsAttributes = false;
  for (const word of words) {
    const negated = /^[-!]./s.test(word);
    const plain = negated ? word.slice(1) : word;
    const attribute = attributeTest(plain);
    const test = attribute === null ? testOf(plain) : overFacts(attribute);
    if (typeof test === 'string') return { ok: false, message: test };
    needsAttributes ||= attribute !== null;
    tests.push(negated ? (...span) => !test(...span) : test);
  }
  return { ok: true, needsAttributes, matches: (...span) => tests.every((test) => test(...span)) };
}

/** 1 for every row that the filter matches. */
export function matchingRows(model: TraceModel, matches: SpanTest, factsOf: FactsOf): Uint8Array {
  const rows = new Uint8Array(model.count);
  for (let row = 0; row < model.count; row++) if (matches(model, row, factsOf)) rows[row] = 1;
  return rows;
}

/** Words are parted by spaces but within quotes, which are left out; a quote that is never closed ends with the text. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g)]
    .map(([word]) => word.replaceAll('"', ''))
    .filter((word) => word !== '');
}

function overFacts(test: ReturnType<typeof attributeTest>): SpanTest | string {
  if (typeof test !== 'function') return test ?? '';
  return (_, row, factsOf) => {
    const facts = factsOf(row);
    return facts !== null && test(facts);
  };
}

function testOf(word: string): SpanTest | string {
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

function durationTest(word: string): SpanTest | string {
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

const STATUS_CODES: ReadonlyMap<string, number> = new Map([
  ['unset', 0],
  ['ok', 1],
  ['error', 2],
]);

function statusTest(status: string): SpanTest | string {
  const code = STATUS_CODES.get(status);
  if (code === undefined) return `“${status}” is no status: write status=error, status=ok or status=unset`;
  return code === 2 ? hasFailed : (model, row) => model.skeleton.status[row] === code;
}

/** Asks once per distinct name: a long trace repeats few. */
function byName(test: (name: string) => boolean): SpanTest {
  const known = new Map<string, boolean>();
  return (model, row) => {
    const name = nameOf(model, row);
    let answer = known.get(name);
    if (answer === undefined) known.set(name, (answer = test(name)));
    return answer;
  };
}
