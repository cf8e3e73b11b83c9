import Type from 'typebox';
import { SESSION_LIMITS } from './limits.ts';
import { nullable } from './scalars.ts';

/** The body of `POST /rules/check`. Longer rules are answered with a diagnostic, not refused by the schema. */
export const RuleCheckRequestSchema = Type.Object(
  { expression: Type.String() },
  { additionalProperties: false, examples: [{ expression: 'http.response.status_code==503' }] },
);

/** A diagnostic about a rule; line and column count from 1. */
export const DiagnosticSchema = Type.Object({
  message: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  length: Type.Integer(),
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
  suggestion: nullable(Type.String()),
});

export const RuleCheckResultSchema = Type.Object(
  {
    valid: Type.Boolean(),
    diagnostics: Type.Array(DiagnosticSchema),
    /** The stage at which the rule is settled at the latest; null where it is not valid. */
    decided_at: nullable(
      Type.Union([
        Type.Literal('connection'),
        Type.Literal('request'),
        Type.Literal('route'),
        Type.Literal('consumer'),
        Type.Literal('response'),
        Type.Literal('end'),
      ]),
    ),
    /** The rule in plain English; null where it is not valid. */
    reading: nullable(Type.String()),
  },
  {
    examples: [
      { valid: true, diagnostics: [], decided_at: 'response', reading: 'the response status is 503' },
      {
        valid: false,
        diagnostics: [
          {
            message: 'there is no field http.methd',
            line: 1,
            column: 1,
            length: 10,
            severity: 'error',
            suggestion: 'http.method',
          },
        ],
        decided_at: null,
        reading: null,
      },
    ],
  },
);
export type RuleCheckResult = Type.Static<typeof RuleCheckResultSchema>;
export const RULE_CHARACTERS_MAX = SESSION_LIMITS.ruleCharactersMax;
