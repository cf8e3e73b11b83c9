import Type from 'typebox';
import { ProblemDetailSchema } from './problem.ts';
import { nullable, TimestampSchema } from './scalars.ts';

/** A control plane: a group of nodes with its configuration, sessions and admins. */
export const ControlPlaneSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    nodes_connected: Type.Integer(),
    nodes_total: Type.Integer(),
    sessions_active: Type.Integer(),
    created_at: TimestampSchema,
  },
  {
    examples: [
      {
        id: '0d5b6a0e-3a0c-4b8e-9f0e-5a5e7d1c2b3a',
        name: 'default',
        description: '',
        nodes_connected: 2,
        nodes_total: 3,
        sessions_active: 1,
        created_at: '2026-01-31T09:30:00.123Z',
      },
    ],
  },
);
export type ControlPlane = Type.Static<typeof ControlPlaneSchema>;

/** The name of the control plane that always exists. */
export const DEFAULT_CONTROL_PLANE = 'default';

export const ControlPlaneRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]*$' }),
    description: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  { additionalProperties: false, examples: [{ name: 'eu-west', description: 'Dublin' }] },
);

/** The answer to `PUT …/config`: what is in force now. */
export const ConfigPutResultSchema = Type.Object(
  {
    /** SHA-256 of the text, hexadecimal. */
    hash: Type.String(),
    updated_at: TimestampSchema,
    updated_by: Type.String(),
    services: Type.Integer(),
    routes: Type.Integer(),
    warnings: Type.Array(ProblemDetailSchema),
  },
  {
    examples: [
      {
        hash: 'c5b4d4c4a5b9b7a3e1f0d9c8b7a6958473625140f1e2d3c4b5a6978869504132',
        updated_at: '2026-01-31T09:30:00.123Z',
        updated_by: 'admin',
        services: 4,
        routes: 6,
        warnings: [{ message: 'the plugin is not enabled', path: 'plugins[0]', line: 12, column: 5 }],
      },
    ],
  },
);
export type ConfigPutResult = Type.Static<typeof ConfigPutResultSchema>;

/** The answer to `POST …/config/check`: what putting the text in force would say, without doing it. */
export const ConfigCheckResultSchema = Type.Object(
  {
    valid: Type.Boolean(),
    errors: Type.Array(ProblemDetailSchema),
    warnings: Type.Array(ProblemDetailSchema),
    services: Type.Integer(),
    routes: Type.Integer(),
  },
  {
    examples: [
      {
        valid: false,
        errors: [{ message: 'expected a list', path: 'services', line: 2, column: 11 }],
        warnings: [],
        services: 0,
        routes: 0,
      },
    ],
  },
);
export type ConfigCheckResult = Type.Static<typeof ConfigCheckResultSchema>;

/** `GET …/entities`: what of the configuration in force a session can be scoped to. */
export const EntitiesSchema = Type.Object(
  {
    services: Type.Array(Type.Object({ id: Type.String(), name: nullable(Type.String()) })),
    routes: Type.Array(
      Type.Object({ id: Type.String(), name: nullable(Type.String()), service_id: nullable(Type.String()) }),
    ),
  },
  {
    examples: [
      {
        services: [{ id: '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a01', name: 'shop' }],
        routes: [
          {
            id: '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a02',
            name: 'checkout',
            service_id: '6f1d3c1e-0d1f-4f43-9f0a-0e6f0c5b8a01',
          },
        ],
      },
    ],
  },
);
