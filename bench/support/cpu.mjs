/** CPU time and memory of processes, from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of CPU that a process and all processes below it have used; `matches` picks among them by command line. */
export function cpuSeconds(pid, matches = () => true) {
  return sumBelow(pid, matches, ownSeconds);
}

/** Resident memory in MiB of a process and all below it that match. */
export function residentMiB(pid, matches = () => true) {
  return sumBelow(pid, matches, ownMiB);
}

function sumBelow(pid, matches, measure) {
  return pidsBelow(pid, matches).reduce((sum, one) => sum + measure(one), 0);
}

/** A process and all below it that match by command line. */
export function pidsBelow(pid, matches) {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [
    ...(matches(command) ? [pid] : []),
    ...(children === '' ? [] : children.split(' ').flatMap((child) => pidsBelow(Number(child), matches))),
  ];
}

/** By the scheduler's nanoseconds, thread by thread: clock ticks are too coarse for a few seconds. */
function ownSeconds(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) =>
      sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
    0,
  );
}

function ownMiB(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
}

/** Whether a command line is that of a process that proxies: a worker of the data plane; nginx has nothing else. */
export function isWorker(command) {
  return command.includes('__worker');
}
