import type { Node } from './node.ts';
import type { Session } from './session.ts';
import type { TraceSummary } from './trace-summary.ts';

/**
 * What `GET …/sessions/{id}/events` streams: `event` names the kind, `data` is the JSON of the resource, `id` (absent on the
 * opening snapshot) is a number that strictly rises within the session. `end` carries the ended session.
 */
export type SessionEvent =
  | { readonly event: 'session'; readonly data: Session }
  | { readonly event: 'node'; readonly data: Node }
  | { readonly event: 'trace'; readonly data: TraceSummary }
  | { readonly event: 'end'; readonly data: Session };
