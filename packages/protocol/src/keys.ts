import Type from 'typebox';
import { ABSOLUTE_PATH_PATTERN, nullable, TimestampSchema } from './scalars.ts';

const NameSchema = Type.String({ minLength: 1, maxLength: 200 });
const TextSchema = Type.String({ minLength: 1, maxLength: 1_024 });
/** An absolute path on the machine of the control plane. */
const PathSchema = Type.String({ minLength: 2, maxLength: 1_024, pattern: ABSOLUTE_PATH_PATTERN });
const closed = { additionalProperties: false } as const;

/** The body of `POST /keys`. `config` says how to reach the key; a secret is named by its environment variable or file and never sent. */
export const KeyRequestSchema = Type.Union(
  [
    Type.Object(
      {
        name: NameSchema,
        provider: Type.Literal('local'),
        config: Type.Object({ path: PathSchema }, closed),
      },
      closed,
    ),
    Type.Object(
      {
        name: NameSchema,
        provider: Type.Literal('pkcs11'),
        config: Type.Object(
          {
            library: PathSchema,
            token_label: TextSchema,
            pin_env: Type.Optional(TextSchema),
            pin_file: Type.Optional(PathSchema),
            key_label: TextSchema,
          },
          closed,
        ),
      },
      closed,
    ),
    Type.Object(
      {
        name: NameSchema,
        provider: Type.Literal('aws-kms'),
        config: Type.Object(
          {
            key_arn: TextSchema,
            region: Type.Optional(TextSchema),
            endpoint: Type.Optional(Type.String({ maxLength: 1_024, pattern: '^https?://' })),
          },
          closed,
        ),
      },
      closed,
    ),
  ],
  {
    examples: [
      {
        name: 'hsm 2026',
        provider: 'pkcs11',
        config: {
          library: '/usr/lib/softhsm/libsofthsm2.so',
          token_label: 'gatescope',
          pin_env: 'GATESCOPE_HSM_PIN',
          key_label: 'traces',
        },
      },
    ],
  },
);
export type KeyRequest = Type.Static<typeof KeyRequestSchema>;

/**
 * A key. `active`: new sessions are sealed with it; `inactive`: what it sealed can be read; `disabled`: it can not; `unreachable` and
 * `destroyed`: nor can it, and `reason` says why.
 */
export const KeySchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    provider: Type.Union([Type.Literal('local'), Type.Literal('pkcs11'), Type.Literal('aws-kms')]),
    state: Type.Union([
      Type.Literal('inactive'),
      Type.Literal('active'),
      Type.Literal('disabled'),
      Type.Literal('unreachable'),
      Type.Literal('destroyed'),
    ]),
    created_at: TimestampSchema,
    activated_at: nullable(TimestampSchema),
    reason: nullable(Type.String()),
  },
  {
    examples: [
      {
        id: 'c0a8d7e6-5f4e-4d3c-8b2a-190f8e7d6c5b',
        name: 'hsm 2026',
        provider: 'pkcs11',
        state: 'active',
        created_at: '2026-01-31T09:30:00.123Z',
        activated_at: '2026-01-31T09:31:00.456Z',
        reason: null,
      },
    ],
  },
);
export type Key = Type.Static<typeof KeySchema>;
