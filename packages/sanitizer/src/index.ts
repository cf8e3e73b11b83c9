export { CARD_DIGITS_MIN } from './cards/card-rules.ts';
export { MASK } from './mask.ts';
export type { Redaction } from './redaction.ts';
export type { RedactionRule, RuleSet } from './rules/rule.ts';
export {
  type BodyContext,
  createSanitizer,
  type HeaderPair,
  type SanitizedBody,
  type Sanitizer,
  type SanitizerOptions,
} from './sanitizer.ts';
export { RULES_MS_MAX } from './work-limit.ts';
