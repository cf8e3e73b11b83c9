export type { Expression, Literal, Operator, Subject } from './ast.ts';
export {
  type Compilation,
  type CompiledRule,
  compileRule,
  MATCH,
  NO_MATCH,
  NOT_YET,
  type Verdict,
} from './compile.ts';
export { PATTERN_CHARACTERS_MAX } from './conditions.ts';
export { DIAGNOSTICS_MAX, type Diagnostic, Diagnostics } from './diagnostic.ts';
export type { FieldSource } from './field-source.ts';
export {
  FIELDS,
  type FieldDefinition,
  type FieldType,
  fieldNames,
  resolveField,
  STAGES,
  type Stage,
} from './fields.ts';
export { DEPTH_MAX, parse, RULE_CHARACTERS_MAX } from './parser.ts';
export { print } from './print.ts';
