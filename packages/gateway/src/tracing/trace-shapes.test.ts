import { createSanitizer } from '@gatescope/sanitizer';
import { type AttributeValue, encodeResource, fieldKey, ProtoWriter } from '@gatescope/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session } from '../testing/trace-collector.ts';
import { ArmedSession } from './armed-session.ts';
import { encodeTrace } from './encode-trace.ts';
import { SecretMasking } from './masking.ts';
import { RequestFacts } from './request-facts.ts';
import { RequestRecord } from './request-record.ts';
import { attribute, OWN_ATTRIBUTE, ownSpanKind, SPAN } from './span-kinds.ts';
import { TraceBatch } from './trace-batch.ts';
import { TraceShape } from './trace-shape.ts';
import { TraceShapes } from './trace-shapes.ts';
import type { TracedRequest } from './traced-request.ts';

const RESOURCE = encodeResource({ 'service.name': 'gatescope' });
const masking = new SecretMasking(createSanitizer(), false);
const armed = ArmedSession.arm(session(), []) as ArmedSession;

/** What a request came to, as far as a test says. */
interface Case {
  readonly path: string;
  readonly traceparent: string | undefined;
  readonly host: string;
  readonly sessionIds: readonly string[];
  readonly tls: boolean;
  readonly status: number;
  readonly bytes: number;
  /** Of upstreams tried. */
  readonly tries: number;
  readonly failure: string | null;
  readonly label: string;
  readonly beganMs: number;
  readonly lasted: number;
  readonly values: readonly (readonly [string, AttributeValue])[];
  readonly extra: 'event' | 'own span' | 'orphan' | null;
}

const USUAL: Case = {
  path: '/a',
  traceparent: undefined,
  host: 'a.test',
  sessionIds: ['session-1'],
  tls: false,
  status: 200,
  bytes: 1_024,
  tries: 1,
  failure: null,
  label: 'key-auth',
  beganMs: 1_000.25,
  lasted: 3.5,
  values: [],
  extra: null,
};
const TRACEPARENTS = [
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01',
];

function factsOf(one: Case): RequestFacts {
  const record = RequestRecord.take(one.beganMs, one.traceparent);
  const end = one.beganMs + one.lasted;
  const router = record.add(SPAN.router, 0, one.beganMs, end);
  record.set(router, attribute('proxy.kong.router.upstream_path'), one.path);
  record.set(router, attribute('proxy.kong.router.matched'), one.status !== 404);
  const access = record.openPhase('access', one.beganMs);
  record.openPlugin('access', access, one.label, 'id-1', one.beganMs);
  for (let attempt = 0; attempt < one.tries; attempt++) {
    const span = record.add(SPAN.findUpstream, 0, one.beganMs, end - attempt / 10);
    record.set(span, attribute('try_count'), attempt + 1);
    for (const [name, value] of one.values) record.set(span, attribute(name), value);
    if (one.failure !== null) record.fail(span, one.failure);
  }
  if (one.extra === 'event') record.addEvent(0, 'retry', one.beganMs + 1, { why: 'closed' });
  if (one.extra === 'own span')
    record.set(record.add(ownSpanKind(1), access, one.beganMs, end), OWN_ATTRIBUTE, [
      'a',
      1,
    ] as unknown as AttributeValue);
  if (one.extra === 'orphan') record.move(router, -1);
  record.closeOpen(end);
  const connection = {
    remoteAddress: '127.0.0.1',
    remotePort: 40_000 + (one.bytes % 10),
    localAddress: '127.0.0.1',
    localPort: 8_000,
    tls: one.tls
      ? {
          serverName: one.host,
          resumed: false,
          clientSubject: null,
          serverSubject: 'CN=a',
          cipher: 'TLS_AES_128_GCM_SHA256',
        }
      : null,
  };
  const request = {
    connection,
    requestId: (one.beganMs * 1_000).toString(16).padStart(32, '0'),
    ordinal: one.tries,
    firstByteMs: one.beganMs,
    endMs: end,
    method: one.status === 404 ? 'POST' : 'GET',
    scheme: one.tls ? 'https' : 'http',
    host: one.host,
    rawPath: one.path,
    requestHeaders: { get: () => one.host },
    version: '1.1',
    protocolName: 'http',
    closeCode: null,
    clientAddress: '192.0.2.1',
    clientPort: 40_000,
    route: null,
    consumer: null,
    upstreamId: null,
    upstreamStatus: one.status,
    status: one.status,
    requestHeadBytes: 80,
    requestBodyBytes: 0,
    responseHeadBytes: 120,
    responseBodyBytes: one.bytes,
  } as unknown as TracedRequest;
  return new RequestFacts().of(record, request);
}

/** Encodes one after the other, and says which were told as the fill of a shape; what they are told as has to be what each is without shapes. */
function shaped(cases: readonly Case[], bytes = 262_144): boolean[] {
  const shapes = new TraceShapes();
  const batch = new TraceBatch(RESOURCE, bytes, bytes);
  const plain: Uint8Array[] = [RESOURCE];
  const how: boolean[] = [];
  for (const one of cases) {
    const facts = factsOf(one);
    const encoding = { sessionIds: one.sessionIds, wallOffsetMs: 1_796_000_000_000, facts, masking };
    plain.push(Uint8Array.from(encodeTrace(facts.record, encoding)));
    const trace = shapes.encode(facts, encoding);
    how.push(trace instanceof TraceShape);
    expect(batch.add(trace, [armed], facts.record.spanCount)).toBe(true);
    facts.record.release();
  }
  const message = new ProtoWriter(bytes);
  message.bytes(fieldKey(1, 2), Buffer.concat(plain));
  // Not by toEqual, which takes a minute for so many bytes.
  expect(Buffer.from(batch.decoded()).equals(message.view())).toBe(true);
  batch.clear();
  return how;
}

describe('TraceShapes', () => {
  it('tells traces that are alike but for ids, times, numbers and texts of the same length by one shape', () => {
    const others: Partial<Case>[] = [
      {},
      { beganMs: 2_000, lasted: 7 },
      { path: '/b' },
      { host: 'b.test' },
      { status: 503, bytes: 7 },
      { bytes: 2_000_000 },
    ];
    expect(shaped([USUAL, ...others.map((other) => ({ ...USUAL, ...other }))])).toEqual([
      false,
      ...others.map(() => true),
    ]);
  });

  it.each<[string, Partial<Case>]>([
    ['a longer path', { path: '/abc' }],
    ['a text that is not ASCII', { path: '/é' }],
    ['a secret in a text', { path: '/4242424242424242' }],
    ['a remote parent', { traceparent: TRACEPARENTS[0]! }],
    ['another session', { sessionIds: ['session-2'] }],
    ['one more session', { sessionIds: ['session-1', 'session-2'] }],
    ['TLS', { tls: true }],
    ['another method', { status: 404 }],
    ['a number of more bytes', { bytes: 3_000_000 }],
    ['a number of more bytes yet', { bytes: 3_000_000_000 }],
    ['another try', { tries: 2 }],
    ['a failure', { failure: 'refused' }],
    ['another plugin', { label: 'acl' }],
    ['another attribute', { values: [['keepalive', true]] }],
  ])('does not take %s for the same, and learns it', (_, other) => {
    const differing = { ...USUAL, ...other };
    expect(shaped([USUAL, USUAL, differing, USUAL, differing])).toEqual([false, true, false, true, true]);
  });

  it.each(['event', 'own span', 'orphan'] as const)('learns nothing of a trace with an %s', (extra) => {
    const strange = { ...USUAL, extra };
    expect(shaped([strange, strange, USUAL, strange, USUAL])).toEqual([false, false, false, false, true]);
  });

  it('does without a shape where the times of a trace differ in their high words', () => {
    // 2^32 ns are 4.3 s: of traces that last a second some cross one.
    const cases = Array.from({ length: 40 }, (_, index) => ({
      ...USUAL,
      beganMs: index * 500,
      lasted: 1_000,
    }));
    const how = shaped(cases);
    expect(how.filter((isShaped) => !isShaped).length).toBeGreaterThan(3);
    expect(how.filter((isShaped) => isShaped).length).toBeGreaterThan(20);
  });

  it('learns hardly any more where no two are alike, and again once some are', () => {
    const cases = Array.from({ length: 4_000 }, (_, index) => ({
      ...USUAL,
      path: `/${'x'.repeat(index % 900)}`,
      host: `${'x'.repeat(1 + index / 900)}.test`,
    }));
    expect(shaped(cases, 16_777_216).filter((isShaped) => isShaped)).toHaveLength(0);
    const after = shaped([...cases, ...Array.from({ length: 60 }, () => USUAL)], 16_777_216);
    expect(after.slice(-20)).toEqual(new Array(20).fill(true));
  });

  it('forgets what it has learned', () => {
    const shapes = new TraceShapes();
    const facts = factsOf(USUAL);
    const encoding = { sessionIds: ['session-1'], wallOffsetMs: 0, facts, masking };
    expect(shapes.encode(facts, encoding)).toBeInstanceOf(Uint8Array);
    expect(shapes.encode(facts, encoding)).toBeInstanceOf(TraceShape);
    shapes.clear();
    expect(shapes.encode(facts, encoding)).toBeInstanceOf(Uint8Array);
    facts.record.release();
  });

  it('tells any traces as they are encoded without shapes', () => {
    const value = fc.oneof(
      fc.tuple(
        fc.constantFrom('network.peer.name', 'network.peer.address', 'proxy.kong.upstream.lb_algorithm'),
        fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('a', 'b')),
      ),
      fc.tuple(
        fc.constantFrom('network.peer.port', 'try_count'),
        fc.oneof(fc.maxSafeInteger(), fc.nat({ max: 300 })),
      ),
      fc.tuple(fc.constant('proxy.kong.plugin.run_time'), fc.double()),
      fc.tuple(fc.constant('keepalive'), fc.boolean()),
      fc.tuple(
        fc.constant('proxy.kong.dns.entry'),
        fc.constantFrom<AttributeValue>([], [{ ip: '192.0.2.1' }]),
      ),
    );
    const one = fc.record<Case>({
      path: fc.constantFrom(
        '/a',
        '/b',
        '/long',
        '/é',
        '/€',
        '/4242424242424242',
        '/4242424242424243',
        '/a?token=x',
        '/x=password:y',
      ),
      traceparent: fc.constantFrom(undefined, ...TRACEPARENTS),
      host: fc.constantFrom('a.test', 'b.test', ''),
      sessionIds: fc.constantFrom(['session-1'], ['session-2'], ['session-1', 'session-2']),
      tls: fc.boolean(),
      status: fc.constantFrom(200, 404, 503),
      bytes: fc.constantFrom(0, 7, 1_024, 2_097_151, 2_097_152, 2_147_483_647, 2_147_483_648),
      tries: fc.constantFrom(0, 1, 2),
      failure: fc.constantFrom(null, 'refused', 'reset'),
      label: fc.constantFrom('key-auth', 'acl'),
      beganMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
      lasted: fc.double({ min: 0, max: 3_000, noNaN: true }),
      values: fc.array(value, { maxLength: 3 }),
      extra: fc.constantFrom(null, null, null, 'event', 'own span', 'orphan'),
    });
    // Few at once, drawn again and again: only then do shapes fit.
    const some = fc
      .array(one, { minLength: 1, maxLength: 3 })
      .chain((cases) => fc.array(fc.oneof(fc.constantFrom(...cases), one), { maxLength: 16 }));
    let fits = 0;
    fc.assert(
      fc.property(some, (cases) => {
        fits += shaped(cases).filter((isShaped) => isShaped).length;
      }),
      { numRuns: 200 },
    );
    expect(fits).toBeGreaterThan(50);
  });
});
