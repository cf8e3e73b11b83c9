import { ARRAY, type JsonDocument, NUMBER, OBJECT, STRING } from '../json/json-document.ts';
import { Pattern } from '../pattern/pattern.ts';
import { type WorkLimit, WorkLimitExceeded } from '../work-limit.ts';
import type { Call, Comparable, Logical, Operator, Query } from './ast.ts';
import { compiledFor } from './parse-filter.ts';

/** RFC 9535, 2.4.1: what a query gives that selects nothing, and a function that has no answer. */
const NOTHING = Symbol('nothing');
type Value = string | number | boolean | null | readonly Value[] | ReadonlyMap<string, Value>;
type ValueOrNothing = Value | typeof NOTHING;

/** Levels of nesting that are compared, at most. */
const DEPTH_MAX = 200;

/** Decides filters. */
export class FilterTest {
  readonly #document: JsonDocument;
  readonly #limit: WorkLimit;
  readonly #run: (query: Query, node: number) => readonly number[];

  constructor(
    document: JsonDocument,
    limit: WorkLimit,
    run: (query: Query, node: number) => readonly number[],
  ) {
    this.#document = document;
    this.#limit = limit;
    this.#run = run;
  }

  passes(test: Logical, node: number): boolean {
    switch (test.kind) {
      case 'or':
        return test.parts.some((part) => this.passes(part, node));
      case 'and':
        return test.parts.every((part) => this.passes(part, node));
      case 'not':
        return !this.passes(test.part, node);
      case 'exists':
        return this.#run(test.query, node).length > 0;
      case 'compare':
        return compare(test.operator, this.#value(test.left, node), this.#value(test.right, node));
      case 'call':
        return this.#matches(test, node);
    }
  }

  #value(operand: Comparable, node: number): ValueOrNothing {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'query') return this.#only(this.#run(operand.query, node));
    const [parameter] = operand.parameters;
    if (operand.name === 'length') return lengthOf(this.#value(parameter!, node));
    const nodes = parameter?.kind === 'query' ? this.#run(parameter.query, node) : [];
    return operand.name === 'count' ? nodes.length : this.#only(nodes);
  }

  /** The value of the only node; nothing where there are none or several. */
  #only(nodes: readonly number[]): ValueOrNothing {
    return nodes.length === 1 ? this.#read(nodes[0]!, 0) : NOTHING;
  }

  #matches(call: Call<'match' | 'search'>, node: number): boolean {
    const text = this.#value(call.parameters[0]!, node);
    if (typeof text !== 'string') return false;
    this.#limit.check();
    if (call.pattern !== null) return call.pattern.isIn(text);
    const source = this.#value(call.parameters[1]!, node);
    if (typeof source !== 'string') return false;
    const pattern = compiledFor(call.name, source);
    return pattern instanceof Pattern && pattern.isIn(text);
  }

  #read(node: number, depth: number): Value {
    this.#limit.visit();
    if (depth > DEPTH_MAX) throw new WorkLimitExceeded();
    const document = this.#document;
    switch (document.kind(node)) {
      case STRING:
        return document.stringOf(node);
      case NUMBER:
        return Number(document.tokenOf(node));
      case ARRAY: {
        const elements: Value[] = [];
        document.children(node, (child) => void elements.push(this.#read(child, depth + 1)));
        return elements;
      }
      case OBJECT: {
        const members = new Map<string, Value>();
        document.children(
          node,
          (child) => void members.set(document.nameOf(child)!, this.#read(child, depth + 1)),
        );
        return members;
      }
      default: {
        const token = document.tokenOf(node);
        return token === 'true' ? true : token === 'false' ? false : null;
      }
    }
  }
}

function lengthOf(value: ValueOrNothing): ValueOrNothing {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : NOTHING;
}

/** RFC 9535, 2.3.5.2.2. */
function compare(operator: Operator, left: ValueOrNothing, right: ValueOrNothing): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return less(left, right);
    case '>':
      return less(right, left);
    case '<=':
      return less(left, right) || equal(left, right);
    case '>=':
      return less(right, left) || equal(left, right);
  }
}

function less(left: ValueOrNothing, right: ValueOrNothing): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return typeof left === 'string' && typeof right === 'string' && byCodePoints(left, right) < 0;
}

/** JavaScript compares code units, which differs where there are surrogates. */
function byCodePoints(left: string, right: string): number {
  const others = [...right];
  let at = 0;
  for (const character of left) {
    const other = others[at++];
    if (other === undefined) return 1;
    if (character !== other) return character.codePointAt(0)! - other.codePointAt(0)!;
  }
  return at - others.length;
}

function equal(left: ValueOrNothing, right: ValueOrNothing): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((value, at) => equal(value, right[at]!));
  if (left instanceof Map && right instanceof Map) {
    if (left.size !== right.size) return false;
    for (const [name, value] of left) if (!right.has(name) || !equal(value, right.get(name)!)) return false;
    return true;
  }
  return left === right;
}
