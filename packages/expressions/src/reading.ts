import type { Expression, Literal, Operator, Subject } from './ast.ts';

const VERBS: Readonly<Record<Operator, string>> = {
  '==': 'is',
  '!=': 'is not',
  '~': 'matches the pattern',
  '^=': 'begins with',
  '=^': 'ends with',
  '>': 'is more than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
  in: 'is one of',
  'not in': 'is none of',
  contains: 'contains',
};

const NAMES: Readonly<Record<string, string>> = {
  'http.method': 'the method',
  'http.request.method': 'the method',
  'http.path': 'the path',
  'http.host': 'the host',
  'http.response.status_code': 'the response status',
  'proxy.kong.upstream_status_code': "the upstream's status",
  'proxy.kong.latency.total': 'the total time',
  'route.name': 'the route',
  'service.name': 'the service',
  'consumer.username': 'the consumer',
  'net.src.ip': "the client's address",
};

/** A rule in plain English, with the grouping it was parsed into. */
export function readingOf(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
      return `${part(expression.left, 'and')} and ${part(expression.right, 'and')}`;
    case 'or':
      return `${part(expression.left, 'or')} or ${part(expression.right, 'or')}`;
    case 'not':
      return `not (${readingOf(expression.operand)})`;
    case 'field':
      return truthReading(expression.subject);
    case 'predicate':
      return `${subjectReading(expression.subject)} ${VERBS[expression.operator]} ${literalReading(expression.literal)}`;
  }
}

function part(expression: Expression, parent: 'and' | 'or'): string {
  const text = readingOf(expression);
  return (expression.kind === 'and' || expression.kind === 'or') && expression.kind !== parent
    ? `(${text})`
    : text;
}

function subjectReading(subject: Subject): string {
  const header = /^http\.(headers|queries|response\.headers)\.(.+)$/.exec(subject.field);
  let text = NAMES[subject.field] ?? subject.field;
  if (header !== null) {
    const kind =
      header[1] === 'queries'
        ? 'query parameter'
        : header[1] === 'headers'
          ? 'request header'
          : 'response header';
    text = `${subject.any ? 'some' : 'every'} ${kind} ${header[1] === 'queries' ? header[2] : header[2]!.replaceAll('_', '-')}`;
  }
  text = spansReading(subject) ?? text;
  return subject.lower ? `${text} in lower case` : text;
}

function truthReading(subject: Subject): string {
  const name = SPANS.exec(subject.field)?.[1];
  return name === undefined
    ? `${subject.field} is true`
    : `${subject.any ? 'some' : 'every'} span ${name} failed`;
}

const SPANS = /^span\("(.*)"\)\.(duration|count|error)$/s;

/** What is asked of spans; null for a field of the request. */
function spansReading({ field, any }: Subject): string | null {
  const [, name, asked] = SPANS.exec(field) ?? [];
  if (name === undefined) return null;
  if (asked === 'count') return `the number of spans ${name}`;
  return `the ${asked === 'error' ? 'failure' : asked} of ${any ? 'some' : 'every'} span ${name}`;
}

function literalReading(literal: Literal): string {
  switch (literal.kind) {
    case 'string':
      return literal.value;
    case 'number':
      return literal.text;
    case 'list':
      return literal.items.map(literalReading).join(', ');
    default:
      return String(literal.value);
  }
}
