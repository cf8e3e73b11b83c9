import type { Repositories } from '../store/repositories.ts';
import type { SessionRow } from '../store/schema.ts';
import { TAKING } from './session-states.ts';

/**
 * Whether what a node has captured for a session is taken: while the session is not over, and from a node that was away when it ended until that has
 * said its last word.
 */
export async function takesFrom(
  nodeId: string,
  session: SessionRow,
  { sessionNodes }: Pick<Repositories, 'sessionNodes'>,
): Promise<boolean> {
  return TAKING.includes(session.state) || (await sessionNodes.stateOf(session.id, nodeId)) === 'lost';
}
