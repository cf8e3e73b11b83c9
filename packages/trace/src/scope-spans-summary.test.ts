import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeValue } from '../testing/arbitraries.ts';
import { readScopeSpans } from './otlp-reader.ts';
import { writeKeyValue } from './otlp-values-writer.ts';
import { ProtoError } from './proto-reader.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';
import { summariseScopeSpans } from './scope-spans-summary.ts';
import type { AttributeValue } from './span.ts';
import { EXIT_STATUS_ATTRIBUTE, SUMMARY_ATTRIBUTES, summarise } from './summary.ts';

type Field = (writer: ProtoWriter) => void;

/** What one way of summarising says of some bytes: a summary, or why there is none. */
function said(summarised: () => unknown): unknown {
  try {
    return summarised();
  } catch (error) {
    if (error instanceof ProtoError) return error.message;
    throw error;
  }
}

/** What the spans say when they are read and summarised one after the other. */
function byReading(bytes: Uint8Array): unknown {
  const { traceId, spans } = readScopeSpans(bytes);
  const summary = summarise(spans);
  return summary === null ? null : { traceId, summary };
}

function expectSame(bytes: Uint8Array): void {
  expect(said(() => summariseScopeSpans(bytes))).toEqual(said(() => byReading(bytes)));
}

function message(key: number, fields: readonly Field[]): Field {
  return (writer) => {
    const at = writer.begin(key);
    for (const field of fields) field(writer);
    writer.end(at);
  };
}

const bytesField = (key: number, length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length, max: 2 }).map(
    (value): Field =>
      (writer) =>
        writer.bytes(key, value),
  );
const stringField = (key: number, text: fc.Arbitrary<string>) =>
  text.map(
    (value): Field =>
      (writer) =>
        writer.string(key, value),
  );
const varintField = (key: number, number: fc.Arbitrary<number>) =>
  number.map(
    (value): Field =>
      (writer) =>
        writer.varint(key, value),
  );

/** Near each other, as in a trace, or anywhere. */
const nanos = fc.oneof(
  fc.nat(1_000_000).map((value) => 1_700_000_000_000_000_000n + BigInt(value)),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const timeField = (key: number) =>
  nanos.map(
    (value): Field =>
      (writer) =>
        writer.fixed64(key, Number(value >> 32n), Number(value & 0xffff_ffffn)),
  );

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constant('kong') },
  { weight: 2, arbitrary: fc.constant('kong.router') },
  fc.constantFrom(
    'kong.dns',
    'kong.io.redis.get',
    'kong.tls_handshake',
    'kong.read_client_http_headers',
    'kong.wait_for_client_read',
    'kong.upstream.selection',
    'kong.read_body_from_upstream',
    'kong.access.plugin.key-auth',
    'kong.header_filter.plugin.cors',
    'kong.access.plugin.',
  ),
  fc.string({ unit: 'binary' }),
);
const attributeKey = fc.oneof(
  fc.constantFrom(...SUMMARY_ATTRIBUTES, EXIT_STATUS_ATTRIBUTE),
  fc.string(),
  // As long as one that is looked for.
  fc.constant('x'.repeat(EXIT_STATUS_ATTRIBUTE.length)),
);
const plainAttribute = fc.tuple(attributeKey, attributeValue).map(
  ([key, value]): Field =>
    (writer) =>
      writeKeyValue(writer, 9, key, value),
);
/** A KeyValue with its fields in any order and number, values with none or several of theirs. */
const oddAttribute = (key: number) =>
  fc
    .array(
      fc.oneof(
        stringField(fieldKey(1, 2), attributeKey),
        fc
          .array(
            fc.oneof(
              stringField(fieldKey(1, 2), fc.string()),
              varintField(fieldKey(2, 0), fc.nat()),
              varintField(fieldKey(3, 0), fc.maxSafeNat()),
              varintField(fieldKey(9, 0), fc.nat()),
            ),
            { maxLength: 3 },
          )
          .map((fields) => message(fieldKey(2, 2), fields)),
      ),
      { maxLength: 4 },
    )
    .map((fields) => message(key, fields));
const status = fc
  .array(
    fc.oneof(
      varintField(fieldKey(3, 0), fc.constantFrom(2, 2, 2, 1, 0, 7)),
      stringField(fieldKey(2, 2), fc.constantFrom('', 'it failed')),
    ),
    { maxLength: 3 },
  )
  .map((fields) => message(fieldKey(15, 2), fields));
const event = fc
  .tuple(timeField(fieldKey(1, 1)), stringField(fieldKey(2, 2), fc.string()), oddAttribute(fieldKey(3, 2)))
  .map((fields) => message(fieldKey(11, 2), fields));

const wanted = fc.tuple(bytesField(fieldKey(1, 2), 16), bytesField(fieldKey(2, 2), 8));
const rest = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: stringField(fieldKey(5, 2), name) },
    { weight: 2, arbitrary: timeField(fieldKey(7, 1)) },
    { weight: 2, arbitrary: timeField(fieldKey(8, 1)) },
    { weight: 3, arbitrary: plainAttribute },
    oddAttribute(fieldKey(9, 2)),
    { weight: 2, arbitrary: status },
    bytesField(fieldKey(4, 2), 8),
    bytesField(fieldKey(4, 2), 0),
    event,
    varintField(fieldKey(6, 0), fc.nat(6)),
    varintField(fieldKey(20, 0), fc.nat()),
  ),
  { maxLength: 10 },
);
const span = fc
  .tuple(wanted, rest)
  .chain(([ids, others]) => fc.shuffledSubarray([...ids, ...others], { minLength: others.length + 2 }))
  .map((fields) => message(fieldKey(2, 2), fields));
const scopeSpans = fc
  .array(fc.oneof({ weight: 9, arbitrary: span }, stringField(fieldKey(3, 2), fc.string())), { maxLength: 6 })
  .map((fields) => {
    const writer = new ProtoWriter();
    for (const field of fields) field(writer);
    return writer.finish();
  });

describe('summariseScopeSpans()', () => {
  it('says what reading the spans and summarising them says', () => {
    let summaries = 0;
    fc.assert(
      fc.property(scopeSpans, (bytes) => {
        expectSame(bytes);
        if (typeof (said(() => byReading(bytes)) ?? '') === 'object') summaries++;
      }),
      { numRuns: 1_000 },
    );

    expect(summaries).toBeGreaterThan(100);
  });

  it('refuses what reading the spans refuses, for the same reason', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(scopeSpans, fc.array(change, { maxLength: 3 }), fc.nat(), (valid, changes, cut) => {
        const bytes = valid.slice(0, valid.length - (cut % 4));
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        expectSame(bytes);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), expectSame));
  });

  it('refuses an attribute that nests too deep, in a span and in an event', () => {
    const nested =
      (field: number): Field =>
      (writer) => {
        let value: AttributeValue = 'bottom';
        for (let level = 0; level < 9; level++) value = [value];
        writeKeyValue(writer, field, 'deep', value);
      };
    for (const deep of [nested(9), message(fieldKey(11, 2), [nested(3)])]) {
      const writer = new ProtoWriter();
      message(fieldKey(2, 2), [deep])(writer);
      expect(() => summariseScopeSpans(writer.finish())).toThrow('attribute nests too deep');
    }
  });
});
