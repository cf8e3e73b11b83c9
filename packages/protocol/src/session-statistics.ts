import Type from 'typebox';
import { nullable } from './scalars.ts';

/** Sessions that statistics can be asked of at once. */
export const STATISTICS_SESSIONS_MAX = 100;

/** `GET …/sessions/statistics`: how the traces of a session did. Times are milliseconds, null where it has none. */
export const SessionStatisticsSchema = Type.Object(
  {
    session_id: Type.String(),
    traces: Type.Integer(),
    /** Those that ended with 5xx or without any status. */
    failed: Type.Integer(),
    p50_ms: nullable(Type.Number()),
    p95_ms: nullable(Type.Number()),
  },
  {
    examples: [
      {
        session_id: '1c9d8e7f-6a5b-4c3d-9e2f-1a0b9c8d7e6f',
        traces: 31,
        failed: 31,
        p50_ms: 42.5,
        p95_ms: 120,
      },
    ],
  },
);
export type SessionStatistics = Type.Static<typeof SessionStatisticsSchema>;
