/** What a child process tells the supervisor. */
export type FromChild =
  | { readonly type: 'listening'; readonly signInToken?: string; readonly servesDemo?: boolean }
  | { readonly type: 'failed'; readonly message: string };

/** Tells the supervisor, if there is one. */
export function tellSupervisor(message: FromChild): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Calls `stop` once, when a signal asks for it or the supervisor is gone; then ends the process. */
export function stopWhenTold(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (process.connected) process.on('disconnect', end);
}
