import type { Literal, Operator, Subject } from './ast.ts';
import type { FieldDefinition } from './fields.ts';

/** What values of a field can be. */
export type Domain =
  | { readonly of: 'numbers'; readonly min: number; readonly max: number }
  | { readonly of: 'texts'; readonly values: readonly string[] }
  /** Begins with a slash. */
  | { readonly of: 'path' }
  /** Holds no slash. */
  | { readonly of: 'segment' };

/** What a condition comes to, whatever value the field has, and why. */
export interface Certainty {
  readonly holds: boolean;
  readonly why: string;
}

/** Whether a comparison always or never holds of a field that has a value; null: it depends. */
export function certaintyOf(
  definition: FieldDefinition,
  argument: string,
  { lower }: Subject,
  operator: Operator,
  literal: Literal,
): Certainty | null {
  const domain = domainOf(definition, argument);
  const values = literal.kind === 'list' ? literal.items : [literal];
  const excuses = values.map((value) => {
    if (value.kind === 'number') return numberExcuse(definition, domain, operator, value.value);
    if (value.kind === 'string') return textExcuse(domain, lower, operator, value.value);
    return null;
  });
  const why = excuses[0] ?? null;
  if (why !== null && excuses.every((excuse) => excuse !== null))
    return { holds: operator === '!=' || operator === 'not in', why };
  const [value] = values;
  if (value?.kind === 'number' && domain?.of === 'numbers' && isAlways(domain, operator, value.value))
    return { holds: true, why: rangeText(definition, domain) };
  if (value?.kind === 'string' && value.value === '' && ['^=', '=^', 'contains'].includes(operator))
    return { holds: true, why: 'the text is empty' };
  return null;
}

/** A path segment by its number can't hold what separates segments; several can. */
function domainOf({ domain }: FieldDefinition, argument: string): Domain | null {
  return domain?.of === 'segment' && argument.includes('_') ? null : domain;
}

/** Why no value can be so, or null where one can. */
function numberExcuse(
  definition: FieldDefinition,
  domain: Domain | null,
  operator: Operator,
  wanted: number,
): string | null {
  if (domain?.of !== 'numbers') return null;
  const { min, max } = domain;
  switch (operator) {
    case '>':
      return wanted >= max ? rangeText(definition, domain) : null;
    case '>=':
      return wanted > max ? rangeText(definition, domain) : null;
    case '<':
      return wanted <= min ? rangeText(definition, domain) : null;
    case '<=':
      return wanted < min ? rangeText(definition, domain) : null;
    default: {
      const isPossible =
        wanted >= min && wanted <= max && (definition.type !== 'int' || Number.isInteger(wanted));
      return isPossible ? null : rangeText(definition, domain);
    }
  }
}

function isAlways({ min, max }: { min: number; max: number }, operator: Operator, wanted: number): boolean {
  switch (operator) {
    case '>':
      return wanted < min;
    case '>=':
      return wanted <= min;
    case '<':
      return wanted > max;
    case '<=':
      return wanted >= max;
    default:
      return false;
  }
}

function rangeText({ type }: FieldDefinition, { min, max }: { min: number; max: number }): string {
  const what = type === 'int' ? 'it is a whole number' : 'it is a number';
  return max === Number.POSITIVE_INFINITY ? `${what}, ${min} or more` : `${what} from ${min} to ${max}`;
}

function textExcuse(
  domain: Domain | null,
  isLowered: boolean,
  operator: Operator,
  wanted: string,
): string | null {
  if (operator === '~') return null;
  if (isLowered && wanted !== wanted.toLowerCase())
    return 'lower() makes the field lower case, the value is not';
  const isWhole = operator !== '^=' && operator !== '=^' && operator !== 'contains';
  switch (domain?.of) {
    case 'texts': {
      const isPossible = isWhole ? domain.values.includes(wanted) : true;
      return isPossible ? null : `it is one of ${domain.values.join(', ')}`;
    }
    case 'path': {
      const isPossible = wanted.startsWith('/') || (wanted === '' && !isWhole);
      return isPossible || !(isWhole || operator === '^=') ? null : 'it begins with /';
    }
    case 'segment':
      return wanted.includes('/') ? 'a segment holds no /' : null;
    default:
      return null;
  }
}
