import { AppError, type ErrorDetail } from '@gatescope/base';
import type { Query } from '../json-path/ast.ts';
import { parsePath } from '../json-path/parse-path.ts';
import { Pattern } from '../pattern/pattern.ts';

/** What an author asks to be masked besides the built-in rules. */
export type RedactionRule =
  /** The values of headers of this name, in any case. */
  | { readonly header: string }
  /** The values of JSON bodies that the path selects: RFC 9535. */
  | { readonly json_path: string }
  /** Everywhere in bodies, headers and lines of logs: RE2's syntax. */
  | { readonly pattern: string };

/** Rules of one author, with the place they come from. */
export interface RuleSet {
  /** Such as `capture.redact`: what diagnostics and redactions call the rules, followed by their number. */
  readonly place: string;
  readonly rules: readonly RedactionRule[];
}

/** One rule that can be applied, with the name that redactions tell. */
export type CompiledRule =
  | { readonly name: string; readonly kind: 'header'; readonly header: string }
  | { readonly name: string; readonly kind: 'json_path'; readonly query: Query }
  | { readonly name: string; readonly kind: 'pattern'; readonly pattern: Pattern };

/** RFC 9110, 5.1: a field name is a token. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Compiles the rules. Throws `invalid_request` that lists everything wrong with them, each with its path and, in patterns, its column. */
export function compileRules(sets: readonly RuleSet[]): CompiledRule[] {
  const compiled: CompiledRule[] = [];
  const errors: ErrorDetail[] = [];
  for (const { place, rules } of sets) {
    rules.forEach((rule, index) => {
      const result = compileRule(rule, `${place}[${index}]`);
      if ('message' in result) errors.push(result);
      else compiled.push(result);
    });
  }
  if (errors.length === 0) return compiled;
  throw new AppError('invalid_request', `invalid redaction rule: ${errors[0]!.message}`, { details: errors });
}

function compileRule(rule: RedactionRule, name: string): CompiledRule | ErrorDetail {
  if ('header' in rule) {
    const header = rule.header.toLowerCase();
    if (FIELD_NAME.test(header)) return { name, kind: 'header', header };
    const suggestion = 'write the name of a header alone, without colon or value';
    return {
      message: `${JSON.stringify(rule.header)} is no header's name`,
      path: `${name}.header`,
      suggestion,
    };
  }
  if ('json_path' in rule) {
    const query = parsePath(rule.json_path);
    if ('segments' in query) return { name, kind: 'json_path', query };
    return { ...query, path: `${name}.json_path` };
  }
  const pattern = Pattern.compile(rule.pattern);
  if (pattern instanceof Pattern) return { name, kind: 'pattern', pattern };
  return { ...pattern, path: `${name}.pattern` };
}
