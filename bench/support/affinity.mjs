/**
 * Who runs where: what is measured has the last processor for itself, everything else the others. Without it the scheduler puts the load now beside
 * what is measured and now before it, and either is told as its cost.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const last = availableParallelism() - 1;

/** Keeps this process, and all it starts from now on, off the last processor; to be called before anything is started. */
export function leaveOneFree() {
  if (last > 0) place(process.pid, `0-${last - 1}`);
}

/** Gives these processes the last processor, each of which is measured while the others are idle. */
export function giveTheLast(pids) {
  if (last > 0) for (const pid of pids) place(pid, String(last));
}

function place(pid, processors) {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)], {
    stdio: 'ignore',
  });
}
