import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogLine, levelOfSeverity, severityOf } from './log-line.ts';
import { extendScopeSpans } from './otlp-extension.ts';
import { readExportLogsServiceRequest, readScopeLogs, writeScopeLogs } from './otlp-logs.ts';
import { readExportTraceServiceRequest } from './otlp-reader.ts';
import { ProtoError } from './proto-reader.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';

const hexOf = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const aLine: fc.Arbitrary<LogLine> = fc.record({
  time_unix_nano: fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String),
  level: fc.constantFrom('debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'),
  type: fc.string(),
  source: fc.string(),
  message: fc.string({ unit: 'grapheme' }),
  attributes: fc.dictionary(
    fc.stringMatching(/^[a-z.]{1,20}$/),
    fc.oneof(fc.string(), fc.boolean(), fc.maxSafeInteger(), fc.array(fc.string(), { maxLength: 3 })),
    { noNullPrototype: true },
  ),
  trace_id: fc.option(hexOf(32)),
  span_id: fc.option(hexOf(16)),
});

function scopeLogs(lines: readonly LogLine[]): Uint8Array {
  const writer = new ProtoWriter(64);
  writeScopeLogs(writer, { 'gatescope.session.ids': ['one'] }, lines);
  return writer.finish();
}

describe('readScopeLogs()', () => {
  it('reads back what writeScopeLogs() wrote', () => {
    fc.assert(
      fc.property(fc.array(aLine, { maxLength: 5 }), (lines) => {
        expect(readScopeLogs(scopeLogs(lines))).toEqual({
          scopeAttributes: { 'gatescope.session.ids': ['one'] },
          lines,
        });
      }),
    );
  });

  it('never throws anything but a ProtoError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readScopeLogs(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
    );
  });
});

describe('readExportLogsServiceRequest()', () => {
  it('answers the scopes of every resource', () => {
    const writer = new ProtoWriter(64);
    for (let index = 0; index < 2; index++) {
      const resource = writer.begin(fieldKey(1, 2));
      writer.bytes(fieldKey(2, 2), scopeLogs([]));
      writer.end(resource);
    }
    const scope = { scopeAttributes: { 'gatescope.session.ids': ['one'] }, lines: [] };
    expect(readExportLogsServiceRequest(writer.view())).toEqual([scope, scope]);
  });
});

describe('levelOfSeverity()', () => {
  it('is the inverse of severityOf(), and takes what lies between for the lower level', () => {
    const levels = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'] as const;
    expect(levels.map((level) => levelOfSeverity(severityOf(level)))).toEqual(levels);
    expect([0, 1, 16, 24].map(levelOfSeverity)).toEqual(['debug', 'debug', 'warn', 'emerg']);
  });
});

describe('extendScopeSpans()', () => {
  function request(field: Uint8Array): Uint8Array {
    const writer = new ProtoWriter(64);
    const resource = writer.begin(fieldKey(1, 2));
    writer.raw(field);
    writer.end(resource);
    return writer.finish();
  }

  function scopeSpans(): Uint8Array {
    const writer = new ProtoWriter(64);
    const message = writer.begin(fieldKey(2, 2));
    const scope = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), 'gatescope');
    writer.end(scope);
    writer.end(message);
    return writer.finish();
  }

  it('puts logs and payload behind the spans, which are read as if nothing had been added', () => {
    const plain = readExportTraceServiceRequest(request(scopeSpans()))[0]!.scopes[0]!;
    expect(plain).toMatchObject({ logs: null, payload: null });
    const logs = scopeLogs([]);
    const payload = Buffer.from('{"client_request":null}');
    const field = extendScopeSpans(scopeSpans(), { logs, payload });
    const extended = readExportTraceServiceRequest(request(field))[0]!.scopes[0]!;
    expect(Buffer.from(extended.bytes)).toEqual(Buffer.from(plain.bytes));
    expect(Buffer.from(extended.logs!)).toEqual(Buffer.from(logs));
    expect(Buffer.from(extended.payload!)).toEqual(payload);
  });

  it('leaves no room for spans behind them', () => {
    const field = extendScopeSpans(scopeSpans(), { logs: new Uint8Array(0), payload: null });
    const writer = new ProtoWriter(64);
    const message = writer.begin(fieldKey(2, 2));
    writer.raw(field.subarray(4));
    writer.bytes(fieldKey(2, 2), new Uint8Array(0));
    writer.end(message);
    expect(() => readExportTraceServiceRequest(request(writer.finish()))).toThrow(ProtoError);
  });
});
