import type { Subject } from './ast.ts';
import type { FieldReaders, SpanFacts } from './field-readers.ts';
import type { FieldDefinition, ResolvedField } from './fields.ts';
import { knownIp } from './ip.ts';
import { spanNameTest } from './span-names.ts';
import type { NumberTest, ValueTest } from './value-tests.ts';

/** Asks a request whether a condition holds; false where it does not have the field. */
export type Check<Request> = (request: Request) => boolean;

/** A condition of a rule, to be joined with readers of its field. */
export type Condition = <Request>(readers: FieldReaders<Request>) => Check<Request>;

type Read<Request, Value> = (request: Request) => Value;

/** The condition that a field's value, or its values, pass a test. */
export function conditionOf(
  { definition, argument }: ResolvedField,
  any: boolean,
  test: ValueTest,
): Condition {
  switch (test.of) {
    case 'text':
      return definition.multiple
        ? (readers) => severalCheck(readers.strings(definition, argument), any, test.holds)
        : (readers) => singleCheck(readers.string(definition, argument), test.holds, test.only);
    case 'number':
      return definition.multiple
        ? (readers) => severalCheck(numbersOf(definition, argument, readers), any, test.holds)
        : (readers) => numberCheck(numberOf(definition, argument, readers), test);
    case 'boolean':
      return definition.multiple
        ? (readers) => severalCheck(booleansOf(argument, readers), any, test.holds)
        : (readers) => singleCheck(readers.boolean(definition), test.holds);
    case 'address': {
      const holds = (text: string) => {
        const address = knownIp(text);
        return address !== null && test.holds(address);
      };
      return definition.multiple
        ? (readers) => severalCheck(readers.strings(definition, argument), any, holds)
        : (readers) => singleCheck(readers.string(definition, argument), holds);
    }
  }
}

/** The condition that a boolean field is true. */
export function truthOf(field: ResolvedField, subject: Subject): Condition {
  return conditionOf(field, subject.any, { of: 'boolean', holds: (value) => value });
}

function singleCheck<Request, Value>(
  read: Read<Request, Value | undefined>,
  holds: (value: Value) => boolean,
  only?: Value,
): Check<Request> {
  // The commonest test does not take a call.
  if (only !== undefined) return (request) => read(request) === only;
  return (request) => {
    const value = read(request);
    return value !== undefined && holds(value);
  };
}

/** As {@link singleCheck}: no number compares with what is missing but by being unlike it. */
function numberCheck<Request>(
  read: Read<Request, number | undefined>,
  { holds, compared }: NumberTest,
): Check<Request> {
  if (compared === undefined) return singleCheck(read, holds);
  const { operator, wanted } = compared;
  switch (operator) {
    case '==':
      return (request) => read(request) === wanted;
    case '>':
      return (request) => read(request)! > wanted;
    case '>=':
      return (request) => read(request)! >= wanted;
    case '<':
      return (request) => read(request)! < wanted;
    case '<=':
      return (request) => read(request)! <= wanted;
    default:
      return singleCheck(read, holds);
  }
}

function severalCheck<Request, Value>(
  read: Read<Request, readonly Value[]>,
  any: boolean,
  holds: (value: Value) => boolean,
): Check<Request> {
  if (any)
    return (request) => {
      for (const value of read(request)) if (holds(value)) return true;
      return false;
    };
  return (request) => {
    const values = read(request);
    for (const value of values) if (!holds(value)) return false;
    return values.length > 0;
  };
}

function numberOf<Request>(
  definition: FieldDefinition,
  argument: string,
  readers: FieldReaders<Request>,
): Read<Request, number | undefined> {
  if (definition.name !== 'span.count') return readers.number(definition);
  const spans = spansOf(argument, readers);
  return (request) => spans(request).length;
}

function numbersOf<Request>(
  definition: FieldDefinition,
  argument: string,
  readers: FieldReaders<Request>,
): Read<Request, readonly number[]> {
  if (definition.name !== 'span.duration') return readers.numbers(definition);
  const spans = spansOf(argument, readers);
  return (request) => spans(request).map(({ durationMs }) => durationMs);
}

/** Spans alone have several truths. */
function booleansOf<Request>(
  argument: string,
  readers: FieldReaders<Request>,
): Read<Request, readonly boolean[]> {
  const spans = spansOf(argument, readers);
  return (request) => spans(request).map(({ failed }) => failed);
}

function spansOf<Request>(
  pattern: string,
  readers: FieldReaders<Request>,
): Read<Request, readonly SpanFacts[]> {
  return readers.spans(spanNameTest(pattern));
}
