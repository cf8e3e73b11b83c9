import type { Repositories } from './repositories.ts';

/** The state of a control plane. Services know it by this alone; which database it is in is `openStore`'s to know. */
export interface Store extends Readonly<Repositories> {
  /**
   * Runs `work` in a transaction: all of it is kept when it resolves, nothing when it rejects. Inside, only the repositories it is given
   * may be used; the store's own wait for the transaction to end.
   */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** Leaves nothing deleted behind: in a journal, for one. */
  checkpoint(): void;
  close(): Promise<void>;
}
