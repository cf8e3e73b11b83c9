import Type from 'typebox';
import { nullable, RoleSchema, TimestampSchema } from './scalars.ts';

/** Control planes a person or token may see: all, or these ids or names. */
export const ControlPlaneScopeSchema = Type.Union([
  Type.Literal('all'),
  Type.Array(Type.String(), { maxItems: 1_000 }),
]);

/** `GET /me`: who is asking and what they may do. */
export const MeSchema = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('token')]),
  id: Type.String(),
  name: Type.String(),
  email: nullable(Type.String()),
  role: RoleSchema,
  control_planes: ControlPlaneScopeSchema,
  payload_read: Type.Boolean(),
});
export type Me = Type.Static<typeof MeSchema>;

/** The body of `POST /login`: an account, or the single-use token of a sign-in link. */
export const LoginRequestSchema = Type.Union([
  Type.Object({ email: Type.String(), password: Type.String() }, { additionalProperties: false }),
  Type.Object({ sign_in_token: Type.String() }, { additionalProperties: false }),
]);

export const TokenRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    role: RoleSchema,
    control_planes: Type.Optional(ControlPlaneScopeSchema),
    payload_read: Type.Optional(Type.Boolean()),
    expires_in_seconds: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 10 * 365 * 86_400 }))),
  },
  { additionalProperties: false },
);

export const TokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  control_planes: ControlPlaneScopeSchema,
  payload_read: Type.Boolean(),
  created_at: TimestampSchema,
  expires_at: nullable(TimestampSchema),
  last_used_at: nullable(TimestampSchema),
});
export type Token = Type.Static<typeof TokenSchema>;

/** The answer to `POST /tokens`: the one time the secret is told. */
export const CreatedTokenSchema = Type.Intersect([TokenSchema, Type.Object({ token: Type.String() })]);
export type CreatedToken = Type.Static<typeof CreatedTokenSchema>;
