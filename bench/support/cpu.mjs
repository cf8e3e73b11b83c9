/** CPU time of processes, from /proc (Linux). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Seconds of CPU that a process and all processes below it have used; `matches` picks among them by command line. */
export function cpuSeconds(pid, matches = () => true) {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const own = matches(command) ? (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND : 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === ''
    ? own
    : children.split(' ').reduce((sum, child) => sum + cpuSeconds(Number(child), matches), own);
}

/** Resident memory in MiB of a process and all below it that match. */
export function residentMiB(pid, matches = () => true) {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const own = matches(command) ? kib / 1_024 : 0;
  return children === ''
    ? own
    : children.split(' ').reduce((sum, child) => sum + residentMiB(Number(child), matches), own);
}
