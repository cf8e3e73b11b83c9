import Type from 'typebox';
import { TimestampSchema } from './scalars.ts';

/** A control plane: a group of nodes with its configuration, sessions and admins. */
export const ControlPlaneSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  nodes_connected: Type.Integer(),
  nodes_total: Type.Integer(),
  sessions_active: Type.Integer(),
  created_at: TimestampSchema,
});
export type ControlPlane = Type.Static<typeof ControlPlaneSchema>;

/** The name of the control plane that always exists. */
export const DEFAULT_CONTROL_PLANE = 'default';

export const ControlPlaneRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]*$' }),
    description: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  { additionalProperties: false },
);

/** `GET …/config`: the configuration in force. */
export const ConfigSchema = Type.Object({
  hash: Type.String(),
  /** kong.yml as it was put. */
  config: Type.String(),
  format: Type.Union([Type.Literal('yaml'), Type.Literal('json')]),
  updated_at: TimestampSchema,
  updated_by: Type.String(),
});
export type Config = Type.Static<typeof ConfigSchema>;

/** One entity of the configuration in force that a session can be scoped to. */
export interface ConfigEntity {
  readonly id: string;
  readonly name: string | null;
}
