export type { Expression, Literal, Operator, Subject } from './ast.ts';
export type { BoundRule } from './bind.ts';
export { type Compilation, type CompiledRule, compileRule } from './compile.ts';
export { COMPLETIONS_MAX, type Completion, complete, completionsAt } from './completion.ts';
export type { KnownNames } from './completion-values.ts';
export { DIAGNOSTICS_MAX, type Diagnostic, Diagnostics } from './diagnostic.ts';
export type { FieldReaders, SpanFacts } from './field-readers.ts';
export { FIELDS } from './field-table.ts';
export {
  type FieldDefinition,
  type FieldType,
  fieldNames,
  resolveField,
  STAGES,
  type Stage,
} from './fields.ts';
export { TOKENS_MAX } from './lexer.ts';
export { FUNCTIONS, type FunctionDefinition, OPERATORS, type OperatorDefinition } from './operators.ts';
export { DEPTH_MAX, parse, RULE_CHARACTERS_MAX } from './parser.ts';
export { PATTERN_STEPS_MAX } from './pattern/program.ts';
export { print } from './print.ts';
export { SPAN_NAMES } from './span-names.ts';
export { PATTERN_CHARACTERS_MAX, RULE_PATTERN_STEPS_MAX } from './value-tests.ts';
export { MATCH, NO_MATCH, NOT_YET, type Verdict } from './verdict.ts';
