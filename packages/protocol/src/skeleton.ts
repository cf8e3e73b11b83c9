import Type from 'typebox';
import { TRACE_SUMMARY_EXAMPLE, TraceSummarySchema } from './trace-summary.ts';

/**
 * A trace as columns, for the viewer: row i of every column is span i, in start order (parents before their children where
 * they start together). `start_ns` and `duration_ns` are nanoseconds, the former relative to `origin_unix_nano` (exact below
 * 2^53, about 104 days).
 */
export const SkeletonSchema = Type.Object(
  {
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
  },
  {
    examples: [
      {
        summary: TRACE_SUMMARY_EXAMPLE,
        origin_unix_nano: '1769851801000123000',
        span_count: 2,
        names: ['kong', 'kong.router'],
        name: [0, 1],
        span_id: ['feedfacefeedface', 'feedfacefeedfacd'],
        parent: [-1, 0],
        start_ns: [0, 120_000],
        duration_ns: [42_500_000, 80_000],
        status: [2, 0],
      },
    ],
  },
);
export type Skeleton = Type.Static<typeof SkeletonSchema>;

/** Attributes, events and status messages of a range of the skeleton's rows. */
export const AttributeBlockSchema = Type.Object(
  {
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
  },
  {
    examples: [
      {
        from: 1,
        spans: [
          {
            span_id: 'feedfacefeedfacd',
            kind: 'INTERNAL',
            status_message: '',
            attributes: { 'proxy.kong.router.matched': true },
            events: [],
          },
        ],
      },
    ],
  },
);
export type AttributeBlock = Type.Static<typeof AttributeBlockSchema>;

/** Spans in one block of attributes, at most. */
export const ATTRIBUTE_BLOCK_SPANS = 200;
