import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import { NOT_IN_SPANS, StoredFacts, storedReaders } from '@gatescope/control-plane';
import { type CompiledRule, FIELDS } from '@gatescope/expressions';
import { readOtlpJson, type Trace } from '@gatescope/trace';

/** How many traces a rule matches. */
export interface MatchCount {
  readonly traces: number;
  readonly matched: number;
  /** Fields of the rule that exported traces never have. */
  readonly untold: readonly string[];
}

/** Spans have the ids of entities; their names are in the configuration. */
const NAMES = ['route.name', 'service.name', 'consumer.username'];
const NO_NAMES = { route: null, service: null, consumer: null };

/** Counts the traces of a file of OTLP JSON that a rule matches. Throws `invalid_request` for a file that is none. */
export function countMatches(rule: CompiledRule, file: string): MatchCount {
  const bound = rule.bind(storedReaders);
  const traces = tracesOf(file).filter(({ spans }) => spans.some(({ name }) => name === 'kong'));
  const matched = traces.filter(({ spans }) => bound.matches(new StoredFacts(NO_NAMES, () => spans))).length;
  const untold = FIELDS.filter(
    ({ name }) => rule.fields.has(name) && (NOT_IN_SPANS.has(name) || NAMES.includes(name)),
  );
  return { traces: traces.length, matched, untold: untold.map(({ written }) => written) };
}

function tracesOf(file: string): Trace[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AppError('invalid_request', `${file} can't be read: ${messageOf(error)}`);
  }
  return readOtlpJson(json);
}
