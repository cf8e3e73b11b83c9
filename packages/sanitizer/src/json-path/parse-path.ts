import type { ErrorDetail } from '@gatescope/base';
import { encodeName } from '../json/json-document.ts';
import type { Query, Segment, Selector } from './ast.ts';
import { parseFilter } from './parse-filter.ts';
import { JsonPathMistake, Scanner } from './scanner.ts';

/** Characters of a path, at most. */
export const PATH_CHARACTERS_MAX = 1_024;

/** The query that a JSONPath (RFC 9535) is, or what is wrong with it. */
export function parsePath(text: string): Query | ErrorDetail {
  if (text.length > PATH_CHARACTERS_MAX) {
    const message = `the path has more than ${PATH_CHARACTERS_MAX} characters`;
    return { message, column: PATH_CHARACTERS_MAX + 1, suggestion: 'make several rules of it' };
  }
  const scanner = new Scanner(text);
  try {
    scanner.expect('$', 'a path begins with $, such as $.user.email');
    const query = parseSegments(scanner, false);
    if (!scanner.isAtEnd)
      throw scanner.unexpected('. or [ or the end', "write .name, ['name'], [0], [*] or ..name");
    return query;
  } catch (error) {
    if (!(error instanceof JsonPathMistake)) throw error;
    return { message: error.message, column: error.at + 1, suggestion: error.suggestion };
  }
}

/** Everything after `$` or `@`. */
function parseSegments(scanner: Scanner, isRelative: boolean): Query {
  const segments: Segment[] = [];
  for (;;) {
    const before = scanner.at;
    scanner.skipSpace();
    const segment = parseSegment(scanner);
    if (segment === null) {
      scanner.at = before;
      return { isRelative, segments, isSingular: segments.every(isSingular) };
    }
    segments.push(segment);
  }
}

function parseSegment(scanner: Scanner): Segment | null {
  if (scanner.startsWith('[')) return { isDescendant: false, selectors: parseBrackets(scanner) };
  const isDescendant = scanner.take('..');
  if (!isDescendant && !scanner.take('.')) return null;
  if (isDescendant && scanner.startsWith('[')) return { isDescendant, selectors: parseBrackets(scanner) };
  if (scanner.take('*')) return { isDescendant, selectors: [{ kind: 'wildcard' }] };
  const name = scanner.name();
  if (name === null) throw scanner.unexpected("a member's name or *", "write ['a name'] for other names");
  return { isDescendant, selectors: [{ kind: 'name', name: encodeName(name) }] };
}

function parseBrackets(scanner: Scanner): Selector[] {
  scanner.expect('[', '');
  const selectors: Selector[] = [];
  do {
    scanner.skipSpace();
    selectors.push(parseSelector(scanner));
    scanner.skipSpace();
  } while (scanner.take(','));
  scanner.expect(']', 'close the brackets, or separate with a comma');
  return selectors;
}

function parseSelector(scanner: Scanner): Selector {
  const name = scanner.string();
  if (name !== null) return { kind: 'name', name: encodeName(name) };
  if (scanner.take('*')) return { kind: 'wildcard' };
  if (scanner.take('?')) {
    const filterStart = scanner.at;
    const test = parseFilter(scanner, parseSegments);
    return { kind: 'filter', test, usesRoot: scanner.text.slice(filterStart, scanner.at).includes('$') };
  }
  const start = scanner.integer();
  const before = scanner.at;
  scanner.skipSpace();
  if (scanner.take(':')) return parseSlice(scanner, start);
  scanner.at = before;
  if (start !== null) return { kind: 'index', index: start };
  throw scanner.unexpected('a selector', "write 'name', 0, 1:3, * or ?@.name");
}

function parseSlice(scanner: Scanner, start: number | null): Selector {
  scanner.skipSpace();
  const end = scanner.integer();
  let step: number | null = null;
  const before = scanner.at;
  scanner.skipSpace();
  if (scanner.take(':')) {
    scanner.skipSpace();
    step = scanner.integer();
  } else scanner.at = before;
  return { kind: 'slice', start, end, step: step ?? 1 };
}

function isSingular({ isDescendant, selectors: [first, ...others] }: Segment): boolean {
  return !isDescendant && others.length === 0 && (first?.kind === 'name' || first?.kind === 'index');
}
