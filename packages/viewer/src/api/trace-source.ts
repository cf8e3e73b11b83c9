import type { AttributeBlock, Skeleton } from '@gatescope/protocol';
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
}

/** A trace that a control plane keeps. */
export function storedTrace(cp: string, session: string, trace: string): TraceSource {
  return {
    key: ['stored', cp, session, trace],
    skeleton: (signal) => api.skeleton(cp, session, trace, signal),
    attributes: (from, signal) => api.attributes(cp, session, trace, from, signal),
    allAttributes: (signal) => api.allAttributes(cp, session, trace, signal),
  };
}

/** A trace out of a file: it is here already. */
export function openedTraceSource({ skeleton, block }: OpenedTrace): TraceSource {
  return {
    key: ['opened', skeleton.summary.trace_id, skeleton.summary.id],
    skeleton: () => Promise.resolve(skeleton),
    attributes: (from) => Promise.resolve({ from, spans: block.spans.slice(from, from + BLOCK_SPANS) }),
    allAttributes: () => Promise.resolve(block),
  };
}
