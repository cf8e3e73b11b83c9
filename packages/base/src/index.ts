export { AppError, type ErrorCode, type ErrorDetail, messageOf } from './app-error.ts';
export { type Clock, ManualClock, systemClock } from './clock.ts';
export { isUuid, newRequestId, randomHex, uuid } from './ids.ts';
export {
  isLogLevel,
  LOG_LEVELS,
  type LogAttributes,
  type Logger,
  type LogLevel,
  levelRank,
  silentLogger,
} from './logger.ts';
export { metricLines, PROMETHEUS_TYPE } from './prometheus.ts';
export { normalizePath, pathSegments, textOfBytes } from './request-path.ts';
