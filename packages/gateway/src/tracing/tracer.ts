import type { RequestRecord } from './request-record.ts';
import type { TracedRequest } from './traced-request.ts';

/** What the proxy calls: whether to record a request, whether some session still wants it, and that it is over. */
export interface Tracer {
  /** False while no session is armed and no plugin takes spans: the one branch that tracing costs then. */
  readonly isArmed: boolean;
  /** A record for a request that some session may want, as far as a stage's rules can tell; null where none does. The rules of that stage have been asked. */
  begin(request: TracedRequest, stage: number): RequestRecord | null;
  /** Asks the rules at a stage; false when no session wants the request any more, and the record has been released. */
  keep(record: RequestRecord, request: TracedRequest, stage: number): boolean;
  /** The request is over: decides, hands what is kept to the exporter, and releases the record. Never throws. */
  finish(record: RequestRecord, request: TracedRequest): void;
}
