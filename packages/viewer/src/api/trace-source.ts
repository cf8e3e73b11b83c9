import type { AttributeBlock, List, LogLine, Payload, Skeleton } from '@gatescope/protocol';
import type { OpenedTrace } from '../engine/opened-trace.ts';
import { BLOCK_SPANS } from '../engine/span-facts.ts';
import { api } from './api.ts';

/** Where a trace comes from. A trace never changes. */
export interface TraceSource {
  /** Tells it from every other trace, for what is kept of it. */
  readonly key: readonly string[];
  skeleton(signal: AbortSignal): Promise<Skeleton>;
  /** The block of attributes that begins at a row. */
  attributes(from: number, signal: AbortSignal): Promise<AttributeBlock>;
  /** The attributes of all rows in one block. */
  allAttributes(signal: AbortSignal): Promise<AttributeBlock>;
  /** Its log, newest first; null where it comes from nowhere that has logs. */
  readonly logs: ((signal: AbortSignal) => Promise<TraceLog>) | null;
  /** What was captured of it; null where it comes from nowhere that has payloads. */
  readonly payload: ((signal: AbortSignal) => Promise<Payload>) | null;
}

/** Lines of a trace's log as far as they were fetched. */
export interface TraceLog {
  readonly lines: readonly LogLine[];
  /** Whether there are older ones that were not. */
  readonly isCut: boolean;
}

/** Lines of a log that are fetched, at most. */
const LINES_MAX = 10_000;

async function allLines(cp: string, session: string, trace: string, signal: AbortSignal): Promise<TraceLog> {
  const lines: LogLine[] = [];
  let after: string | null = null;
  do {
    const page: List<LogLine> = await api.logs(cp, session, trace, after, signal);
    lines.push(...page.data);
    after = page.next;
  } while (after !== null && lines.length < LINES_MAX);
  return { lines, isCut: after !== null };
}

/** A trace that a control plane keeps. */
export function storedTrace(cp: string, session: string, trace: string): TraceSource {
  return {
    key: ['stored', cp, session, trace],
    skeleton: (signal) => api.skeleton(cp, session, trace, signal),
    attributes: (from, signal) => api.attributes(cp, session, trace, from, signal),
    allAttributes: (signal) => api.allAttributes(cp, session, trace, signal),
    logs: (signal) => allLines(cp, session, trace, signal),
    payload: (signal) => api.payload(cp, session, trace, signal),
  };
}

/** A trace out of a file: it is here already. */
export function openedTraceSource({ skeleton, block }: OpenedTrace): TraceSource {
  return {
    key: ['opened', skeleton.summary.trace_id, skeleton.summary.id],
    skeleton: () => Promise.resolve(skeleton),
    attributes: (from) => Promise.resolve({ from, spans: block.spans.slice(from, from + BLOCK_SPANS) }),
    allAttributes: () => Promise.resolve(block),
    logs: null,
    payload: null,
  };
}
