import fc from 'fast-check';
import type { AttributeValue, Span, Trace } from '../src/index.ts';

/** Numbers as attributes have them: ints that are safe, and anything else as a double. */
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double().filter((value) => !Number.isSafeInteger(value)),
);
const scalar = fc.oneof(fc.string({ unit: 'binary' }), number, fc.boolean());
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'url.full'));

/** Any attribute's value; no deeper than the reader allows. */
export const attributeValue: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Attributes of a span, an event or a resource. */
export const attributes = fc.dictionary(key, attributeValue, { maxKeys: 6, noNullPrototype: true });

const id = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => Buffer.from(value).toString('hex'))
    .filter((text) => /[^0]/.test(text));
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

/** Any span, valid or not as to its times and parent. */
export const span: fc.Arbitrary<Span> = fc.record({
  span_id: id(8),
  parent_span_id: fc.option(id(8)),
  name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('kong', 'kong.router', 'kong.dns')),
  kind: fc.constantFrom('INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'),
  start_unix_nano: nanos,
  end_unix_nano: nanos,
  attributes,
  events: fc.array(fc.record({ name: fc.string({ unit: 'binary' }), time_unix_nano: nanos, attributes }), {
    maxLength: 3,
  }),
  status: fc.record({ code: fc.constantFrom('UNSET', 'OK', 'ERROR'), message: fc.string() }),
});

/** Any trace. */
export const trace: fc.Arbitrary<Trace> = fc.record({
  trace_id: id(16),
  spans: fc.array(span, { maxLength: 4 }),
});
