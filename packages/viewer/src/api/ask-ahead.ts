import type { QueryClient } from '@tanstack/react-query';
import { placeOf } from '../engine/paths.ts';
import { attributesQuery, skeletonQuery } from './queries.ts';
import { storedTrace } from './trace-source.ts';

/**
 * Asks for the trace that an address leads to while it is still asked who is signed in: one way to the control plane and back less until
 * it is seen. Who may not see it is refused as ever.
 */
export function askAhead(client: QueryClient, path: string): void {
  const { cp, session, trace } = placeOf(path);
  if (cp === null || session === null || trace === null) return;
  const source = storedTrace(cp, session, trace);
  void client.prefetchQuery(skeletonQuery(source));
  // The root's, which every tab of the trace asks for.
  void client.prefetchQuery(attributesQuery(source, 0));
}
