import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** Whether the organisation has agreed that headers and bodies may be captured, to which text, who and when. */
export const PayloadCaptureSchema = Type.Object(
  {
    enabled: Type.Boolean(),
    /** The text agreed to; before that, the one to agree to. */
    agreement_text: Type.String(),
    agreed_by: nullable(Type.String()),
    agreed_at: nullable(TimestampSchema),
  },
  {
    examples: [
      {
        enabled: true,
        agreement_text: 'I agree that …',
        agreed_by: 'ada@example.com',
        agreed_at: '2026-01-31T09:30:00.123Z',
      },
    ],
  },
);
export type PayloadCapture = Type.Static<typeof PayloadCaptureSchema>;

/** The body of `PUT /settings/payload-capture`: to agree, the text as `GET` gave it; to withdraw, nothing more. */
export const PayloadCaptureChangeSchema = Type.Object(
  { enabled: Type.Boolean(), agreement_text: Type.Optional(Type.String({ maxLength: 16_384 })) },
  { additionalProperties: false, examples: [{ enabled: true, agreement_text: 'I agree that …' }] },
);
