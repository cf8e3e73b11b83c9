import { type LogLevel, levelRank } from '@gatescope/base';
import type { LogLine } from '@gatescope/trace';

/** Which log lines are asked for; null: any. */
export interface LogFilter {
  /** The lowest level. */
  readonly level: LogLevel | null;
  readonly type: string | null;
  readonly source: string | null;
  /** Ids of the spans whose lines are wanted. */
  readonly spanIds: ReadonlySet<string> | null;
  /** Found in the message or an attribute, whatever its case. */
  readonly text: string | null;
}

/** Whether a line is among those asked for. */
export function matchesLine(filter: LogFilter, line: LogLine): boolean {
  const { level, type, source, spanIds, text } = filter;
  if (level !== null && levelRank(line.level) < levelRank(level)) return false;
  if (type !== null && line.type !== type) return false;
  if (source !== null && line.source !== source) return false;
  if (spanIds !== null && (line.span_id === null || !spanIds.has(line.span_id))) return false;
  if (text === null) return true;
  const wanted = text.toLowerCase();
  return (
    line.message.toLowerCase().includes(wanted) ||
    Object.entries(line.attributes).some(([name, value]) =>
      `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`.toLowerCase().includes(wanted),
    )
  );
}

/** The ids of a span and of all below it. */
export function subtreeOf(
  spans: readonly { readonly span_id: string; readonly parent_span_id: string | null }[],
  root: string,
): Set<string> {
  const children = new Map<string, string[]>();
  for (const { span_id, parent_span_id } of spans) {
    if (parent_span_id === null) continue;
    const known = children.get(parent_span_id);
    if (known === undefined) children.set(parent_span_id, [span_id]);
    else known.push(span_id);
  }
  const found = new Set([root]);
  const waiting = [root];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const child of children.get(id) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      waiting.push(child);
    }
  }
  return found;
}
