import Type from 'typebox';
import { REDACTION_LIMITS } from './limits.ts';
import { RedactionSchema } from './payload.ts';
import { nullable, TimestampSchema } from './scalars.ts';
import { RedactionRuleSchema } from './session.ts';

const OrganisationRulesSchema = Type.Array(RedactionRuleSchema, {
  maxItems: REDACTION_LIMITS.organisationRulesMax,
});

/** The organisation's redaction rules: in force in every session, beside the built-in ones and the session's own. */
export const RedactionSettingsSchema = Type.Object(
  {
    rules: OrganisationRulesSchema,
    updated_by: nullable(Type.String()),
    updated_at: nullable(TimestampSchema),
  },
  {
    examples: [
      {
        rules: [{ header: 'x-email' }, { json_path: '$..iban' }, { pattern: '[a-z.]+@example\\.com' }],
        updated_by: 'ada@example.com',
        updated_at: '2026-01-31T09:30:00.123Z',
      },
    ],
  },
);
export type RedactionSettings = Type.Static<typeof RedactionSettingsSchema>;

/** The body of `PUT /settings/redaction`: all the rules, in place of those before. */
export const RedactionSettingsChangeSchema = Type.Object(
  { rules: OrganisationRulesSchema },
  { additionalProperties: false, examples: [{ rules: [{ json_path: '$..iban' }] }] },
);

const HeadersSchema = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));

/** What would be masked is asked of this. `body` is text, or `body_base64` the bytes, perhaps under the codings of `content_encoding`. */
export const SanitizerPreviewRequestSchema = Type.Object(
  {
    headers: Type.Optional(HeadersSchema),
    body: Type.Optional(nullable(Type.String())),
    body_base64: Type.Optional(nullable(Type.String())),
    /** Left out: what the headers say. */
    content_type: Type.Optional(nullable(Type.String({ maxLength: 1_024 }))),
    content_encoding: Type.Optional(nullable(Type.String({ maxLength: 256 }))),
    rules: Type.Optional(
      Type.Array(RedactionRuleSchema, { maxItems: REDACTION_LIMITS.organisationRulesMax }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
        headers: { Authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9' },
        body: '{"card":"4242-4242-4242-4242","email":"ada@example.com"}',
        content_type: 'application/json',
        rules: [{ json_path: '$.email' }],
      },
    ],
  },
);
export type SanitizerPreviewRequest = Type.Static<typeof SanitizerPreviewRequestSchema>;

/** The same as it would be captured. A body whose codings were taken off stands there without them. */
export const SanitizerPreviewSchema = Type.Object(
  {
    headers: HeadersSchema,
    /** Null where there is none, or it is no text. */
    body: nullable(Type.String()),
    /** Where the body was sent this way. */
    body_base64: nullable(Type.String()),
    content_type: nullable(Type.String()),
    content_encoding: nullable(Type.String()),
    redactions: Type.Array(RedactionSchema),
  },
  {
    examples: [
      {
        headers: { Authorization: 'Bearer ****' },
        body: '{"card":"*******************","email":"****"}',
        body_base64: null,
        content_type: 'application/json',
        content_encoding: null,
        redactions: [
          { where: 'headers.authorization', rule: 'authorization', count: 1 },
          { where: 'body', rule: 'rules[0]', count: 1 },
          { where: 'body', rule: 'card', count: 1 },
        ],
      },
    ],
  },
);
export type SanitizerPreview = Type.Static<typeof SanitizerPreviewSchema>;
