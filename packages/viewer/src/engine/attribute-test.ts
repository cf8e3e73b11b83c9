import { attributeText } from './attribute-groups.ts';
import type { SpanFacts } from './span-facts.ts';

/** What a filter asks of a span's attributes; null where it is not known yet what they are. */
export type AttributeTest = (facts: SpanFacts) => boolean;

const WORD = /^attr\.([^=~<>!]+)(?:(!=|>=|<=|=|~|>|<)(.*))?$/is;

/**
 * Reads a word of a filter that is about an attribute: `attr.key` (there is one), `attr.key=` and a value (equal; `*` stands for anything),
 * `!=`, `~` (in it), `>` `>=` `<` `<=` (numbers). Upper and lower case are the same. Text: what is wrong; null: the word is about
 * something else.
 */
export function attributeTest(word: string): AttributeTest | string | null {
  if (!/^attr\./i.test(word)) return null;
  const parts = WORD.exec(word);
  if (parts === null)
    return `“${word}” names no attribute: write attr.http.route, attr.http.route=orders, attr.try_count>1`;
  const key = parts[1]!.toLowerCase();
  const [, , operator = '', wanted = ''] = parts;
  const values = valuesOf(key);
  if (operator === '') return (facts) => values(facts).length > 0;
  if (/[<>]/.test(operator)) {
    const limit = Number(wanted);
    if (wanted.trim() === '' || Number.isNaN(limit)) return `“${wanted}” is no number`;
    return (facts) =>
      values(facts).some((value) => typeof value === 'number' && compares(operator, value, limit));
  }
  const text = wanted.toLowerCase();
  if (operator === '~') return (facts) => values(facts).some((value) => shown(value).includes(text));
  const pattern = new RegExp(`^${text.split('*').map(escaped).join('[^]*')}$`);
  const isEqual = (facts: SpanFacts) => values(facts).some((value) => pattern.test(shown(value)));
  return operator === '=' ? isEqual : (facts) => !isEqual(facts);
}

/** The values of an attribute; of a list, each. */
function valuesOf(key: string): (facts: SpanFacts) => readonly unknown[] {
  return ({ attributes }) => {
    for (const name in attributes) {
      if (name.toLowerCase() !== key) continue;
      const value = attributes[name];
      return Array.isArray(value) ? value : [value];
    }
    return [];
  };
}

function shown(value: unknown): string {
  return attributeText({ value, unit: null }).toLowerCase();
}

function compares(operator: string, value: number, limit: number): boolean {
  if (operator === '>') return value > limit;
  if (operator === '>=') return value >= limit;
  return operator === '<' ? value < limit : value <= limit;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
