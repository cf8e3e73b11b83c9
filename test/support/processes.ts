import { existsSync, readFileSync } from 'node:fs';

/** A process and the arguments it was started with (Linux). */
export interface ProcessInfo {
  readonly pid: number;
  readonly args: readonly string[];
}

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): ProcessInfo[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  const pids = readFileSync(path, 'utf8')
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
  return pids.map((child) => ({
    pid: child,
    args: readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0'),
  }));
}

/** The child of a process that was started with this argument. Throws where there is none. */
export function childWith(pid: number, argument: string): number {
  const child = childrenOf(pid).find(({ args }) => args.includes(argument));
  if (child === undefined) throw new Error(`process ${pid} has no child with ${argument}`);
  return child.pid;
}

/** Whether a process still runs; one that has ended and was not yet taken leave of does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The most memory a process has ever had in use, bytes (VmHWM). */
export function peakMemoryBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} does not tell its memory`);
  return Number(kilobytes) * 1_024;
}
