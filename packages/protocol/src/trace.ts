import Type from 'typebox';
import { nullable } from './scalars.ts';
import { TRACE_SUMMARY_EXAMPLE, TraceSummarySchema } from './trace-summary.ts';

const AttributesSchema = Type.Record(Type.String(), Type.Unknown());

/** A span as the API gives it; times are nanoseconds since the epoch as decimal text. */
export const SpanSchema = Type.Object({
  /** 16 hexadecimal digits. */
  span_id: Type.String(),
  parent_span_id: nullable(Type.String()),
  name: Type.String(),
  kind: Type.Union([
    Type.Literal('INTERNAL'),
    Type.Literal('SERVER'),
    Type.Literal('CLIENT'),
    Type.Literal('PRODUCER'),
    Type.Literal('CONSUMER'),
  ]),
  start_unix_nano: Type.String(),
  end_unix_nano: Type.String(),
  attributes: AttributesSchema,
  events: Type.Array(
    Type.Object({ name: Type.String(), time_unix_nano: Type.String(), attributes: AttributesSchema }),
  ),
  status: Type.Object({
    code: Type.Union([Type.Literal('UNSET'), Type.Literal('OK'), Type.Literal('ERROR')]),
    message: Type.String(),
  }),
});

/** `GET …/traces/{trace}`: a trace whole, its spans in start order. */
export const TraceSchema = Type.Object(
  { summary: TraceSummarySchema, spans: Type.Array(SpanSchema) },
  {
    examples: [
      {
        summary: TRACE_SUMMARY_EXAMPLE,
        spans: [
          {
            span_id: 'feedfacefeedface',
            parent_span_id: null,
            name: 'kong',
            kind: 'SERVER',
            start_unix_nano: '1769851801000123000',
            end_unix_nano: '1769851801042623000',
            attributes: { 'http.request.method': 'GET', 'http.response.status_code': 503 },
            events: [],
            status: { code: 'ERROR', message: '' },
          },
          {
            span_id: 'feedfacefeedfacd',
            parent_span_id: 'feedfacefeedface',
            name: 'kong.router',
            kind: 'INTERNAL',
            start_unix_nano: '1769851801000243000',
            end_unix_nano: '1769851801000323000',
            attributes: { 'proxy.kong.router.matched': true },
            events: [],
            status: { code: 'UNSET', message: '' },
          },
        ],
      },
    ],
  },
);
