import { LOG_LEVELS, type LogLevel } from '@gatescope/base';
import type { AttributeValue } from './span.ts';

/** One line of a gateway's log. */
export interface LogLine {
  /** Nanoseconds since the Unix epoch as decimal text. */
  readonly time_unix_nano: string;
  readonly level: LogLevel;
  /** What kind of event: access, error, plugin, router, upstream, tls, dns, config, … */
  readonly type: string;
  /** Who says it: `gateway`, `upstream`, `plugin:<name>`, … */
  readonly source: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** 32 hexadecimal digits; null outside a request. */
  readonly trace_id: string | null;
  /** 16 hexadecimal digits; null outside a request. */
  readonly span_id: string | null;
}

/** OpenTelemetry's severity numbers (logs data model, "Mapping of SeverityNumber"), in the order of the levels. */
const SEVERITIES = [5, 9, 10, 13, 17, 18, 19, 21] as const;

/** OpenTelemetry's severity number of a level. */
export function severityOf(level: LogLevel): number {
  return SEVERITIES[LOG_LEVELS.indexOf(level)]!;
}

/** The level of a severity number: the highest that is not above it. */
export function levelOfSeverity(severity: number): LogLevel {
  let level: LogLevel = 'debug';
  SEVERITIES.forEach((number, index) => {
    if (number <= severity) level = LOG_LEVELS[index]!;
  });
  return level;
}
