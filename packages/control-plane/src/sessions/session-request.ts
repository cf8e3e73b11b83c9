import { AppError } from '@gatescope/base';
import { compileRule } from '@gatescope/expressions';
import { CAPTURE_DEFAULT, type Capture, SESSION_LIMITS, type SessionRequest } from '@gatescope/protocol';
import { createSanitizer } from '@gatescope/sanitizer';
import type { CheckedConfig } from '../config/config-store.ts';

/** A session's request with every default filled in and every name resolved. */
export interface ResolvedRequest {
  readonly name: string;
  readonly nodes: 'all' | readonly string[];
  readonly service: string | null;
  readonly service_id: string | null;
  readonly route: string | null;
  readonly route_id: string | null;
  readonly rule: string | null;
  readonly rate: number;
  readonly duration_seconds: number;
  readonly max_traces: number;
  readonly capture: Capture;
}

/** Fills in defaults, compiles the rule, looks service and route up. Throws `payload_capture_not_enabled`, `invalid_request` for redaction rules, `invalid_rule`, `unknown_service`, `unknown_route`. */
export function resolveRequest(
  request: SessionRequest,
  config: CheckedConfig | null,
  mayCapturePayload: boolean,
): ResolvedRequest {
  if (!mayCapturePayload && (request.capture?.headers === true || request.capture?.bodies === true)) {
    throw new AppError(
      'payload_capture_not_enabled',
      'the organisation has not agreed to the capture of headers and bodies; an organisation admin can agree with PUT /settings/payload-capture; or start the session without them',
    );
  }
  if (request.capture?.redact !== undefined)
    createSanitizer({ rules: [{ place: 'capture.redact', rules: request.capture.redact }] });
  const rule = request.rule ?? null;
  if (rule !== null) checkRule(rule);
  const service = find('service', request.service ?? null, config?.services ?? []);
  const route = find('route', request.route ?? null, config?.routes ?? []);
  return {
    name: request.name ?? '',
    nodes: request.nodes ?? 'all',
    service: request.service ?? null,
    service_id: service,
    route: request.route ?? null,
    route_id: route,
    rule,
    rate: request.rate ?? 1,
    duration_seconds: request.duration_seconds ?? SESSION_LIMITS.durationSecondsDefault,
    max_traces: request.max_traces ?? SESSION_LIMITS.maxTracesDefault,
    capture: { ...CAPTURE_DEFAULT, ...request.capture } as Capture,
  };
}

function checkRule(rule: string): void {
  const compiled = compileRule(rule);
  if (compiled.ok) return;
  const [first] = compiled.diagnostics;
  throw new AppError('invalid_rule', `the rule is not valid: ${first?.message ?? 'it does not compile'}`, {
    details: compiled.diagnostics.map(({ message, line, column, suggestion }) => ({
      message,
      line,
      column,
      ...(suggestion === null ? {} : { suggestion }),
    })),
  });
}

function find(
  kind: 'service' | 'route',
  key: string | null,
  entities: readonly { readonly id: string; readonly name: string | null }[],
): string | null {
  if (key === null) return null;
  const found =
    entities.find((entity) => entity.id === key) ?? entities.find((entity) => entity.name === key);
  if (found !== undefined) return found.id;
  const names = entities.map((entity) => entity.name ?? entity.id).slice(0, 10);
  const hint =
    names.length === 0
      ? 'the configuration has none'
      : `there is ${names.join(', ')}${entities.length > names.length ? ' …' : ''}`;
  throw new AppError(
    kind === 'service' ? 'unknown_service' : 'unknown_route',
    `there is no ${kind} ${key}; ${hint}`,
    { details: [{ message: `unknown ${kind} ${key}`, path: kind }] },
  );
}
