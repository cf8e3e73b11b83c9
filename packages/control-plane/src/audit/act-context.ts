import { AsyncLocalStorage } from 'node:async_hooks';

/** Where an act comes from, while it is done. */
export interface ActContext {
  /** Address of the client, or null where the process itself acts. */
  readonly address: string | null;
  /** Id of the user or token, once it is known. */
  actorId: string | null;
}

const context = new AsyncLocalStorage<ActContext>();

/** Everything that `act` calls and starts knows where it comes from. */
export function runAct(where: ActContext, act: () => void): void {
  context.run(where, act);
}

/** Where what is done now comes from: the process itself where nobody else asked for it. */
export function currentAct(): ActContext {
  return context.getStore() ?? { address: null, actorId: null };
}
