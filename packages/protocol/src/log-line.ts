import Type from 'typebox';
import { LogLevelSchema, nullable } from './scalars.ts';

/** One line of a gateway's log, of a request or of none. */
export const LogLineSchema = Type.Object(
  {
    /** Nanoseconds since the epoch, as decimal text. */
    time_unix_nano: Type.String({ pattern: '^\\d{1,20}$' }),
    level: LogLevelSchema,
    /** What kind of event it is: access, error, plugin, router, upstream, tls, dns, config, … */
    type: Type.String(),
    /** Who says it: `gateway`, `upstream`, `plugin:<name>`, … */
    source: Type.String(),
    message: Type.String(),
    attributes: Type.Record(Type.String(), Type.Unknown()),
    /** Both null outside a request. */
    trace_id: nullable(Type.String()),
    span_id: nullable(Type.String()),
  },
  {
    examples: [
      {
        time_unix_nano: '1769851801000123000',
        level: 'error',
        type: 'upstream',
        source: 'upstream',
        message: 'attempt 1 at 10.0.0.7:8080 failed: refused: connection refused',
        attributes: { try: 1 },
        trace_id: 'fedcba9876543210fedcba9876543210',
        span_id: 'feedfacefeedf00d',
      },
    ],
  },
);
export type LogLine = Type.Static<typeof LogLineSchema>;
