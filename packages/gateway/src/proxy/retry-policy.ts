import type { UpstreamError } from '@gatescope/http1';
import type { NextUpstreamPolicy } from './gateway-runtime.ts';

/** How far a request has come with its tries. */
export interface TriesMade {
  /** Tries so far, the one that failed included. */
  readonly attempts: number;
  readonly retriesMax: number;
  /** Of the request to the upstream. */
  readonly method: string;
  /** It has a body that is passed on as it comes, and can be sent once alone. */
  readonly hasStreamedBody: boolean;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether a connection that failed leads to a try at the next target: nothing was sent, so that nothing can be done twice. */
export function retriesConnect(policy: NextUpstreamPolicy, error: UpstreamError): boolean {
  return error.kind === 'connect_timeout' ? policy.onTimeout : policy.onError;
}

/** Whether a try that failed after its connection was had may be given to the next target; `isReused`: its connection had served before. */
export function retriesError(
  policy: NextUpstreamPolicy,
  error: UpstreamError,
  isReused: boolean,
  made: TriesMade,
): boolean {
  if (!maySendAgain(policy, made)) return false;
  if (isReused && (error.kind === 'closed_before_response' || error.kind === 'reset')) return true;
  if (made.attempts > made.retriesMax) return false;
  if (error.kind === 'read_timeout' || error.kind === 'send_timeout') return policy.onTimeout;
  if (error.kind === 'invalid_response') return policy.onInvalidHeader;
  return policy.onError;
}

/** Whether an answer with this status counts as a failed try that the next target may do better. */
export function retriesStatus(policy: NextUpstreamPolicy, status: number, made: TriesMade): boolean {
  return policy.statuses.has(status) && made.attempts <= made.retriesMax && maySendAgain(policy, made);
}

/** It may have been done already (RFC 9110 §9.2.2). */
function maySendAgain(policy: NextUpstreamPolicy, made: TriesMade): boolean {
  return !made.hasStreamedBody && (policy.nonIdempotent || IDEMPOTENT.has(made.method));
}
