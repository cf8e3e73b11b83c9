import Type, { type TSchema } from 'typebox';

/** RFC 3339 with sub-second digits, in UTC. */
export const TimestampSchema = Type.String({
  format: 'date-time',
  examples: ['2026-01-31T09:30:00.123456Z'],
});

/** What paths on the machine of the control plane match. */
export const ABSOLUTE_PATH_PATTERN = '^/';

/** A schema that also takes null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A page of a list: `next` is the opaque value for `after`, or null on the last page. */
export const listOf = <T extends TSchema>(item: T) =>
  Type.Object(
    { data: Type.Array(item), next: nullable(Type.String()) },
    { examples: [{ data: (item as { examples?: unknown[] }).examples ?? [], next: null }] },
  );

export interface List<T> {
  readonly data: readonly T[];
  readonly next: string | null;
}

export const LogLevelSchema = Type.Union([
  Type.Literal('debug'),
  Type.Literal('info'),
  Type.Literal('notice'),
  Type.Literal('warn'),
  Type.Literal('error'),
  Type.Literal('crit'),
  Type.Literal('alert'),
  Type.Literal('emerg'),
]);

export const RoleSchema = Type.Union([
  Type.Literal('org_admin'),
  Type.Literal('control_plane_admin'),
  Type.Literal('viewer'),
]);
export type Role = Type.Static<typeof RoleSchema>;
