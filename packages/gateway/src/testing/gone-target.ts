import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';

/** A control plane that nobody answers for. */
export const GONE: TelemetryTarget = {
  url: 'http://127.0.0.1:9',
  token: '',
  serverName: '',
  takesStencils: true,
  cert: '',
  key: '',
  ca: '',
};
