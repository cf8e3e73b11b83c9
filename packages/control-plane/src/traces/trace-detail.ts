import { AppError } from '@gatescope/base';
import { type SentPayload, SentPayloadSchema, validator } from '@gatescope/protocol';
import { type LogLine, readScopeLogs, type ScopeSpansEnvelope } from '@gatescope/trace';

/** What came with a trace besides its spans. */
export interface TraceDetail {
  readonly lines: readonly LogLine[];
  readonly payload: SentPayload | null;
}

/** Lines of one trace that are kept; a node sends no more. */
const TRACE_LINES_MAX = 2_000;

const payloadOf = validator(SentPayloadSchema);

/** Reads what came with a trace; lines of another trace are left out. Throws `invalid_request` where it is not what it should be. */
export function readDetail({ logs, payload }: ScopeSpansEnvelope, traceId: string): TraceDetail {
  const lines = logs === null ? [] : readScopeLogs(logs).lines;
  return {
    lines: lines.filter((line) => line.trace_id === traceId).slice(0, TRACE_LINES_MAX),
    payload: payload === null ? null : readPayload(payload),
  };
}

function readPayload(bytes: Uint8Array): SentPayload {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw new AppError('invalid_request', 'a payload is no JSON', { cause: error });
  }
  const checked = payloadOf(value);
  if (!checked.ok) throw new AppError('invalid_request', 'a payload has not the shape of one');
  return checked.value;
}
