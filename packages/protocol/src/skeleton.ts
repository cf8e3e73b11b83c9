import Type from 'typebox';
import { TraceSummarySchema } from './trace-summary.ts';

/**
 * A trace as columns, for the viewer: row i of every column is span i, in start order (parents before their children where
 * they start together). `start_ns` and `duration_ns` are nanoseconds, the former relative to `origin_unix_nano` (exact below
 * 2^53, about 104 days).
 */
export const SkeletonSchema = Type.Object({
  summary: TraceSummarySchema,
  /** Start of the earliest span, decimal text. */
  origin_unix_nano: Type.String(),
  span_count: Type.Integer(),
  /** Every distinct span name. */
  names: Type.Array(Type.String()),
  /** Index into `names`. */
  name: Type.Array(Type.Integer()),
  span_id: Type.Array(Type.String()),
  /** Row of the parent; -1: none, -2: named but not in this trace. */
  parent: Type.Array(Type.Integer()),
  start_ns: Type.Array(Type.Number()),
  duration_ns: Type.Array(Type.Number()),
  /** 0 unset, 1 ok, 2 error. */
  status: Type.Array(Type.Integer()),
});
export type Skeleton = Type.Static<typeof SkeletonSchema>;

/** Attributes, events and status messages of a range of the skeleton's rows. */
export const AttributeBlockSchema = Type.Object({
  from: Type.Integer(),
  spans: Type.Array(
    Type.Object({
      span_id: Type.String(),
      kind: Type.String(),
      status_message: Type.String(),
      attributes: Type.Record(Type.String(), Type.Unknown()),
      events: Type.Array(
        Type.Object({
          name: Type.String(),
          time_unix_nano: Type.String(),
          attributes: Type.Record(Type.String(), Type.Unknown()),
        }),
      ),
    }),
  ),
});
export type AttributeBlock = Type.Static<typeof AttributeBlockSchema>;

/** Spans in one block of attributes, at most. */
export const ATTRIBUTE_BLOCK_SPANS = 200;
