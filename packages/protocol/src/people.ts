import Type from 'typebox';
import { nullable, RoleSchema, TimestampSchema } from './scalars.ts';

/** Control planes a person or token may see: all, or these ids or names. */
export const ControlPlaneScopeSchema = Type.Union([
  Type.Literal('all'),
  Type.Array(Type.String(), { maxItems: 1_000 }),
]);

/** `GET /me`: who is asking and what they may do. */
export const MeSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal('user'), Type.Literal('token')]),
    id: Type.String(),
    name: Type.String(),
    email: nullable(Type.String()),
    role: RoleSchema,
    control_planes: ControlPlaneScopeSchema,
    payload_read: Type.Boolean(),
  },
  {
    examples: [
      {
        kind: 'user',
        id: 'b3f1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
        name: 'ada@example.com',
        email: 'ada@example.com',
        role: 'control_plane_admin',
        control_planes: ['default'],
        payload_read: false,
      },
    ],
  },
);
export type Me = Type.Static<typeof MeSchema>;

/** The body of `POST /login`: an account, or the single-use token of a sign-in link. */
export const LoginRequestSchema = Type.Union(
  [
    Type.Object({ email: Type.String(), password: Type.String() }, { additionalProperties: false }),
    Type.Object({ sign_in_token: Type.String() }, { additionalProperties: false }),
  ],
  { examples: [{ email: 'ada@example.com', password: 'correct horse' }] },
);

/** `GET /login/methods`: how people can sign in. */
export const SignInMethodsSchema = Type.Object(
  {
    password: Type.Boolean(),
    /** The identity provider: what to call it, and where to send the browser; null where there is none. */
    oidc: nullable(Type.Object({ name: Type.String(), url: Type.String() })),
  },
  { examples: [{ password: true, oidc: { name: 'Example login', url: '/api/v1/login/oidc' } }] },
);

export const TokenRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    role: RoleSchema,
    control_planes: Type.Optional(ControlPlaneScopeSchema),
    payload_read: Type.Optional(Type.Boolean()),
    expires_in_seconds: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 10 * 365 * 86_400 }))),
  },
  {
    additionalProperties: false,
    examples: [{ name: 'ci', role: 'viewer', control_planes: ['default'], expires_in_seconds: 86_400 }],
  },
);

const TOKEN_EXAMPLE = {
  id: '4d1c7b2a-9e8f-4c3d-8b7a-6f5e4d3c2b1a',
  name: 'ci',
  role: 'viewer',
  control_planes: ['default'],
  payload_read: false,
  created_at: '2026-01-31T09:30:00.123Z',
  expires_at: '2026-02-01T09:30:00.123Z',
  last_used_at: null,
};

export const TokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    role: RoleSchema,
    control_planes: ControlPlaneScopeSchema,
    payload_read: Type.Boolean(),
    created_at: TimestampSchema,
    expires_at: nullable(TimestampSchema),
    last_used_at: nullable(TimestampSchema),
  },
  { examples: [TOKEN_EXAMPLE] },
);
export type Token = Type.Static<typeof TokenSchema>;

/** The answer to `POST /tokens`: the one time the secret is told. */
export const CreatedTokenSchema = Type.Intersect([TokenSchema, Type.Object({ token: Type.String() })], {
  examples: [{ ...TOKEN_EXAMPLE, token: 'gst_X1m7e9c0vW3yK5qB8tD2hF6jL4nP0rS1uA9xZ7wE3cG' }],
});
export type CreatedToken = Type.Static<typeof CreatedTokenSchema>;

export const UserSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    role: RoleSchema,
    control_planes: ControlPlaneScopeSchema,
    payload_read: Type.Boolean(),
    created_at: TimestampSchema,
    last_sign_in_at: nullable(TimestampSchema),
    /** Who knows the user: this installation by a password, or the identity provider. */
    sign_in: Type.Union([Type.Literal('password'), Type.Literal('oidc')]),
  },
  {
    examples: [
      {
        id: 'b3f1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
        email: 'ada@example.com',
        role: 'control_plane_admin',
        control_planes: ['default'],
        payload_read: false,
        created_at: '2026-01-31T09:30:00.123Z',
        last_sign_in_at: null,
        sign_in: 'password',
      },
    ],
  },
);
export type User = Type.Static<typeof UserSchema>;

const PasswordSchema = Type.String({ minLength: 12, maxLength: 1_024 });

export const UserRequestSchema = Type.Object(
  {
    email: Type.String({ minLength: 3, maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$' }),
    password: PasswordSchema,
    role: RoleSchema,
    control_planes: Type.Optional(ControlPlaneScopeSchema),
    payload_read: Type.Optional(Type.Boolean()),
  },
  {
    additionalProperties: false,
    examples: [
      {
        email: 'ada@example.com',
        password: 'correct horse',
        role: 'control_plane_admin',
        control_planes: ['default'],
        payload_read: false,
      },
    ],
  },
);

/** What of an account can be changed; what is left out stays. */
export const UserChangeSchema = Type.Object(
  {
    password: Type.Optional(PasswordSchema),
    role: Type.Optional(RoleSchema),
    control_planes: Type.Optional(ControlPlaneScopeSchema),
    payload_read: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1, examples: [{ role: 'viewer', payload_read: true }] },
);
export type UserChange = Type.Static<typeof UserChangeSchema>;

/** The body of `PUT /me/password`. */
export const OwnPasswordSchema = Type.Object(
  { current_password: Type.String({ maxLength: 1_024 }), new_password: PasswordSchema },
  {
    additionalProperties: false,
    examples: [{ current_password: 'correct horse', new_password: 'battery staple' }],
  },
);

/** One act in the audit log: who did what, on what, from where, and how it went. */
export const AuditEntrySchema = Type.Object(
  {
    id: Type.Integer(),
    at: TimestampSchema,
    actor: Type.String(),
    /** Id of the user or token; null where nobody was signed in, or the process itself acted. */
    actor_id: nullable(Type.String()),
    action: Type.String(),
    target: Type.String(),
    /** Of the client. */
    address: nullable(Type.String()),
    /** `refused`: for want of rights; `failed`: for another reason. */
    outcome: Type.Union([Type.Literal('done'), Type.Literal('refused'), Type.Literal('failed')]),
    details: Type.Unknown(),
  },
  {
    examples: [
      {
        id: 42,
        at: '2026-01-31T09:30:00.123Z',
        actor: 'ada@example.com',
        actor_id: 'b3f1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
        action: 'session.stop',
        target: '1c9d8e7f-6a5b-4c3d-9e2f-1a0b9c8d7e6f',
        address: '192.0.2.7',
        outcome: 'done',
        details: {},
      },
    ],
  },
);
export type AuditEntry = Type.Static<typeof AuditEntrySchema>;
