/** States of a session in which it is armed on its nodes, or to be. */
export const RUNNING: readonly string[] = ['pending', 'active'];
/** States in which traces of it are still taken. */
export const TAKING: readonly string[] = [...RUNNING, 'draining'];
