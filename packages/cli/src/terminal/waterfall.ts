import type { Skeleton } from '@gatescope/protocol';
import { blue, cyan, dim, duration, fitted, green, magenta, red, terminalWidth, yellow } from './style.ts';

const NO_PARENT = -1;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/** A trace as a waterfall: one line a span, indented below its parent, with its bar on a common time axis. */
export function waterfall(skeleton: Skeleton, width = terminalWidth()): string {
  const { span_count: count, names, name, parent, start_ns: start, duration_ns: took, status } = skeleton;
  const rows = Array.from({ length: count }, (_, row) => row);
  const children = new Map<number, number[]>();
  for (const row of rows) {
    // A parent that is not in the trace is none.
    const above = Math.max(NO_PARENT, parent[row]!);
    children.set(above, [...(children.get(above) ?? []), row]);
  }
  const order: { row: number; depth: number }[] = [];
  const stack = (children.get(NO_PARENT) ?? []).map((row) => ({ row, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    order.push(next);
    for (const child of (children.get(next.row) ?? []).reverse())
      stack.push({ row: child, depth: next.depth + 1 });
  }
  const from = Math.min(...start);
  const total = Math.max(1, ...rows.map((row) => start[row]! + took[row]! - from));
  const nameWidth = Math.min(
    52,
    Math.max(...order.map(({ row, depth }) => 2 * depth + names[name[row]!]!.length)),
  );
  const timeWidth = 9;
  const barWidth = Math.max(10, width - nameWidth - timeWidth - 4);
  const lines = order.map(({ row, depth }) => {
    const text = names[name[row]!]!;
    const label = fitted('  '.repeat(depth) + text, nameWidth);
    const time = duration(took[row]! / 1e6).padStart(timeWidth);
    const failed = status[row] === 2;
    return `${failed ? red(label) : label}  ${time}  ${(failed ? red : colourOf(text))(bar((start[row]! - from) / total, took[row]! / total, barWidth))}`;
  });
  const axis = `${' '.repeat(nameWidth + timeWidth + 4)}${axisLine(total / 1e6, barWidth)}`;
  return `${dim(axis)}\n${lines.join('\n')}\n`;
}

/** A bar from a share of the width on, in eighths of a character; never invisible. */
function bar(at: number, share: number, width: number): string {
  const begin = Math.min(width - 1, Math.floor(at * width));
  const eighths = Math.max(1, Math.min((width - begin) * 8, Math.round(share * width * 8)));
  return `${' '.repeat(begin)}${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`;
}

function axisLine(totalMs: number, width: number): string {
  const end = duration(totalMs);
  const middle = duration(totalMs / 2);
  const half = Math.floor(width / 2);
  return `0${' '.repeat(Math.max(1, half - 1))}${middle}${' '.repeat(Math.max(1, width - half - middle.length - end.length))}${end}`;
}

function colourOf(name: string): (text: string) => string {
  if (name.startsWith('kong.io.')) return magenta;
  if (name === 'kong.dns') return green;
  if (/^kong\.(upstream\.|send_request_to_upstream|read_(headers|body)_from_upstream)/.test(name))
    return blue;
  if (/client/.test(name) || name === 'kong.tls_handshake') return cyan;
  return yellow;
}
