import type { AttributeBlock, List, LogLine, Payload, Skeleton } from '@gatescope/protocol';
import type { OpenedTrace } from '../engine/opened-trace.ts';
import { BLOCK_SPANS } from '../engine/span-facts.ts';
import { LOG_LINES_MAX, type TraceLog, type TracePart } from '../engine/trace-part.ts';
import { api } from './api.ts';

/** Where a trace comes from. A trace never changes. */
export interface TraceSource {
  /** Tells it from every other trace, for what is kept of it. */
  readonly key: readonly string[];
  skeleton(signal: AbortSignal): Promise<Skeleton>;
  /** The block of attributes that begins at a row. */
  attributes(from: number): Promise<AttributeBlock>;
  /** The attributes of all rows in one block. */
  allAttributes(signal: AbortSignal): Promise<AttributeBlock>;
  /** Its log, newest first. */
  readonly log: TracePart<TraceLog>;
  /** What was captured of it. */
  readonly payload: TracePart<Payload>;
  /** Whether reading the payload is noted in an audit log. */
  readonly isAudited: boolean;
}

async function allLines(cp: string, session: string, trace: string, signal: AbortSignal): Promise<TraceLog> {
  const lines: LogLine[] = [];
  let after: string | null = null;
  do {
    const page: List<LogLine> = await api.logs(cp, session, trace, after, signal);
    lines.push(...page.data);
    after = page.next;
  } while (after !== null && lines.length < LOG_LINES_MAX);
  return { lines, isCut: after !== null };
}

/** A trace that a control plane keeps. */
export function storedTrace(cp: string, session: string, trace: string): TraceSource {
  return {
    key: ['stored', cp, session, trace],
    skeleton: (signal) => api.skeleton(cp, session, trace, signal),
    attributes: (from) => api.attributes(cp, session, trace, from),
    allAttributes: (signal) => api.allAttributes(cp, session, trace, signal),
    log: { read: (signal) => allLines(cp, session, trace, signal) },
    payload: { read: (signal) => api.payload(cp, session, trace, signal) },
    isAudited: true,
  };
}

let openedCount = 0;

/** A trace out of a file: it is here already. Each call makes a source of its own, since another file may have another trace by the same ids. */
export function openedTraceSource({ skeleton, block, log, payload }: OpenedTrace): TraceSource {
  openedCount++;
  return {
    key: ['opened', String(openedCount)],
    skeleton: () => Promise.resolve(skeleton),
    attributes: (from) => Promise.resolve({ from, spans: block.spans.slice(from, from + BLOCK_SPANS) }),
    allAttributes: () => Promise.resolve(block),
    log,
    payload,
    isAudited: false,
  };
}
