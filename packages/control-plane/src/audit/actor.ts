/** Who does an act, and from where. */
export interface Actor {
  /** What people call who acts, or what somebody who is nobody here said to be. */
  readonly name: string;
  /** Id of the user or token; null: of somebody who is not signed in. */
  readonly id: string | null;
  /** Address of the client; null where the process itself acts. */
  readonly address: string | null;
}
