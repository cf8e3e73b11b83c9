import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTrace, type TraceEncoding } from '../../packages/gateway/src/tracing/encode-trace.ts';
import { RequestRecord, SPANS_MAX } from '../../packages/gateway/src/tracing/request-record.ts';
import {
  ATTRIBUTES,
  attribute,
  otlpKind,
  SPAN,
  spanName,
} from '../../packages/gateway/src/tracing/span-kinds.ts';
import {
  type AttributeValue,
  readExportTraceServiceRequest,
  readScopeSpans,
} from '../../packages/trace/src/index.ts';
import { decodeOtlp, OTLP } from '../../packages/trace/testing/otlp-schema.ts';

/** What has to be added to performance.now() for wall time in these tests: 14 November 2023. */
const WALL_OFFSET_MS = 1_700_000_000_000;
/** Without masking: texts come back as they were. */
const encoding = (sessionIds: readonly string[]): TraceEncoding => ({
  sessionIds,
  wallOffsetMs: WALL_OFFSET_MS,
  facts: null,
  masking: { text: (_, text) => text, value: (_, value) => value, words: (text) => text },
});
const KINDS = ['', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT'];
const PLUGIN_KIND_MIN = 19;
const KIND_MAX = 25;

interface PlannedSpan {
  readonly kind: number;
  readonly label: string | null;
  readonly parent: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly error: string | null;
  readonly attributes: readonly (readonly [key: number, value: AttributeValue])[];
}

const text = fc.string({ unit: 'binary' });
const kvlists = fc.array(
  fc.dictionary(fc.string(), fc.oneof(text, fc.integer(), fc.boolean(), fc.double({ noInteger: true })), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  { maxLength: 3 },
);
const VALUES: Record<(typeof ATTRIBUTES)[number]['type'], fc.Arbitrary<AttributeValue>> = {
  string: text,
  int: fc.maxSafeInteger(),
  double: fc.double(),
  boolean: fc.boolean(),
  'kvlist[]': kvlists,
};
const attributeOfSpan = fc
  .nat(ATTRIBUTES.length - 1)
  .chain((key) => VALUES[ATTRIBUTES[key]!.type].map((value) => [key, value] as const));
/** Milliseconds in steps of a microsecond, as the clock has them. */
const time = fc.integer({ min: 0, max: 60_000_000 }).map((micros) => micros / 1_000);
const plannedSpan: fc.Arbitrary<PlannedSpan> = fc
  .record({
    kind: fc.integer({ min: 1, max: KIND_MAX }),
    name: fc.stringMatching(/^[a-z-]{1,20}$/),
    parent: fc.nat(SPANS_MAX),
    startMs: time,
    endMs: time,
    error: fc.option(fc.oneof(fc.constant(''), text)),
    attributes: fc.uniqueArray(attributeOfSpan, { maxLength: 6, selector: ([key]) => key }),
  })
  .map(({ name, ...span }) => ({ ...span, label: span.kind >= PLUGIN_KIND_MIN ? name : null }));

/** Makes the record; the spans' parents are among the spans before them. */
function recordOf(planned: readonly PlannedSpan[], traceparent?: string): RequestRecord {
  const record = RequestRecord.take(1_000, traceparent);
  record.close(0, 61_000);
  for (const span of planned) {
    const index = record.add(
      span.kind,
      span.parent % record.spanCount,
      1_000 + span.startMs,
      1_000 + span.endMs,
    );
    if (index >= 0) record.labels[index] = span.label;
    if (span.error !== null) record.fail(index, span.error);
    for (const [key, value] of span.attributes) record.set(index, key, value);
  }
  return record;
}

function anyValue(value: AttributeValue, double = false): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return double || !Number.isSafeInteger(value) ? { doubleValue: value } : { intValue: String(value) };
  if (Array.isArray(value)) return { arrayValue: listOf(value.map((one) => anyValue(one))) };
  return {
    kvlistValue: listOf(
      Object.entries(value).map(([key, one]) => ({ ...textOf('key', key), value: anyValue(one) })),
    ),
  };
}

/** An empty list and an empty text are left out when they are decoded. */
const listOf = (values: readonly object[]) => (values.length === 0 ? {} : { values });
const textOf = (name: string, value: string) => (value === '' ? {} : { [name]: value });
const nanos = (ms: number) => (BigInt(WALL_OFFSET_MS) * 1_000_000n + BigInt(Math.round(ms * 1e6))).toString();

describe('encodeTrace()', () => {
  it('writes any record as the public schema has it', () => {
    fc.assert(
      fc.property(
        fc.array(plannedSpan, { maxLength: 30 }),
        fc.array(text, { maxLength: 3 }),
        (planned, sessions) => {
          const record = recordOf(planned);
          const message = decodeOtlp(OTLP.resourceSpans, encodeTrace(record, encoding(sessions)));
          const { scopeSpans } = message as { scopeSpans: { scope: object; spans: { spanId: string }[] }[] };
          expect(scopeSpans.length).toBe(1);
          const [{ scope, spans }] = scopeSpans as [(typeof scopeSpans)[number]];
          expect(scope).toEqual({
            name: 'gatescope',
            ...(sessions.length === 0
              ? {}
              : { attributes: [{ key: 'gatescope.session.ids', value: anyValue(sessions) }] }),
          });
          const ids = spans.map((span) => span.spanId);
          expect(new Set(ids).size).toBe(planned.length + 1);
          const traceId = record.traceId;
          const root = {
            traceId,
            spanId: record.spanId,
            name: 'kong',
            kind: 'SPAN_KIND_SERVER',
            startTimeUnixNano: nanos(1_000),
            endTimeUnixNano: nanos(61_000),
          };
          expect(spans).toEqual([
            root,
            ...planned.map((span, index) => ({
              traceId,
              spanId: ids[index + 1],
              parentSpanId: ids[span.parent % (index + 1)],
              name: spanName(span.kind, span.label),
              kind: KINDS[otlpKind(span.kind)],
              startTimeUnixNano: nanos(1_000 + span.startMs),
              endTimeUnixNano: nanos(1_000 + Math.max(span.startMs, span.endMs)),
              ...(span.attributes.length === 0
                ? {}
                : {
                    attributes: span.attributes.map(([key, value]) => ({
                      key: ATTRIBUTES[key]!.name,
                      value: anyValue(value, ATTRIBUTES[key]!.type === 'double'),
                    })),
                  }),
              ...(span.error === null
                ? {}
                : { status: { code: 'STATUS_CODE_ERROR', ...textOf('message', span.error) } }),
            })),
          ]);
          record.release();
        },
      ),
    );
  });

  it('is read back by the control plane, many traces of one resource in a request', () => {
    fc.assert(
      fc.property(fc.array(fc.array(plannedSpan, { maxLength: 8 }), { maxLength: 4 }), (traces) => {
        const records = traces.map((planned) => recordOf(planned));
        const encoded = Buffer.concat(
          records.map((record) => encodeTrace(record, encoding(['s1', 's2'])).slice()),
        );
        // A request of one ResourceSpans message.
        const request = OTLP.exportTraceServiceRequest
          .encode({ resourceSpans: [OTLP.resourceSpans.decode(encoded)] })
          .finish();
        const [envelope] = readExportTraceServiceRequest(request);
        expect(
          envelope!.scopes.map(({ scopeName, scopeAttributes }) => [scopeName, scopeAttributes]),
        ).toEqual(traces.map(() => ['gatescope', { 'gatescope.session.ids': ['s1', 's2'] }]));
        const read = envelope!.scopes.map((scope) => readScopeSpans(scope.bytes));
        expect(
          read.map(({ traceId, spans }) => [
            traceId,
            spans.map((span) => [span.name, span.attributes, span.status.message]),
          ]),
        ).toEqual(
          records.map((record, trace) => [
            record.traceId,
            [
              ['kong', {}, ''],
              ...traces[trace]!.map((span) => [
                spanName(span.kind, span.label),
                Object.fromEntries(span.attributes.map(([key, value]) => [ATTRIBUTES[key]!.name, value])),
                span.error ?? '',
              ]),
            ],
          ]),
        );
        for (const record of records) record.release();
      }),
      { numRuns: 50 },
    );
  });

  it("hangs the root below the remote parent of the request's traceparent", () => {
    const record = recordOf([], '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
    const message = decodeOtlp(OTLP.resourceSpans, encodeTrace(record, encoding(['s1'])));
    expect(message).toMatchObject({
      scopeSpans: [
        {
          spans: [
            { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', parentSpanId: '00f067aa0ba902b7', name: 'kong' },
          ],
        },
      ],
    });
    record.release();
  });

  it('takes a record that is full', () => {
    const record = recordOf(
      Array.from({ length: SPANS_MAX + 5 }, () => ({
        kind: SPAN.router,
        label: null,
        parent: 0,
        startMs: 1,
        endMs: 2,
        error: null,
        attributes: [[attribute('url.full'), 'é'.repeat(16_384)] as const],
      })),
    );
    expect([record.spanCount, record.attributeCount]).toEqual([SPANS_MAX, SPANS_MAX - 1]);
    const message = decodeOtlp(OTLP.resourceSpans, encodeTrace(record, encoding(['s1'])));
    const { spans } = (message as { scopeSpans: { spans: { attributes: unknown[] }[] }[] }).scopeSpans[0]!;
    expect(spans.slice(1).map((span) => span.attributes.length)).toEqual(Array(SPANS_MAX - 1).fill(1));
    expect(new Set(spans.map((span) => (span as unknown as { spanId: string }).spanId)).size).toBe(SPANS_MAX);
    record.release();
  });
});
