import type { Expression, Literal, Subject } from './ast.ts';
import { isWord } from './lexer.ts';

/** An expression as text that parses to the same expression, unless the parentheses it adds nest deeper than a rule may. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `${operand(expression.left, expression.kind, false)} ${expression.kind === 'and' ? '&&' : '||'} ${operand(expression.right, expression.kind, true)}`;
    case 'not':
      return `!(${print(expression.operand)})`;
    case 'field':
      return subjectText(expression.subject);
    case 'predicate':
      return `${subjectText(expression.subject)} ${expression.operator} ${literalText(expression.literal)}`;
  }
}

function operand(expression: Expression, parent: 'and' | 'or', right: boolean): string {
  const nested = expression.kind === 'and' || expression.kind === 'or';
  if (!nested || (expression.kind === parent && !right)) return print(expression);
  return `(${print(expression)})`;
}

function subjectText(subject: Subject): string {
  const { field } = subject;
  let text = isWord(field) ? field : field.startsWith('span("') ? spanText(field) : bracketed(field);
  if (subject.lower) text = `lower(${text})`;
  return subject.any ? `any(${text})` : text;
}

/** A field whose name is not a word: what the brackets held is in quotes again. */
function bracketed(field: string): string {
  const dot = FAMILY.exec(field)?.[0].length ?? field.indexOf('.');
  return `${field.slice(0, dot)}[${quote(field.slice(dot + 1))}]`;
}

/** A field of spans: what the parentheses held is in quotes again. */
function spanText(field: string): string {
  const end = field.lastIndexOf('").');
  return `span(${quote(field.slice('span("'.length, end))})${field.slice(end + '")'.length)}`;
}

/** The families whose names in brackets are read in their own way, by their names. */
const FAMILY = /^http\.(response\.headers|headers|queries)(?=\.)/;

function literalText(literal: Literal): string {
  switch (literal.kind) {
    case 'string':
      return literal.bare ? literal.value : quote(literal.value);
    case 'number':
      return literal.text;
    case 'boolean':
      return String(literal.value);
    case 'address':
      return literal.value;
    case 'list':
      return `[${literal.items.map(literalText).join(', ')}]`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quote(text: string): string {
  return `"${text.replaceAll(/["\\\n\r\t]/g, (character) => ESCAPES[character]!)}"`;
}
