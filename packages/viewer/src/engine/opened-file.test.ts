import { type Span, type Trace, toOtlpJson } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { OpenError } from './open-error.ts';
import { openFile } from './opened-file.ts';
import { sampleZip } from './testing/sample-zip.ts';

const ORIGIN = 1_800_000_000_000_000_000n;

function span(id: string, name: string, fields: Partial<Span> = {}): Span {
  return {
    span_id: id.padStart(16, '0'),
    parent_span_id: null,
    name,
    kind: 'INTERNAL',
    start_unix_nano: ORIGIN.toString(),
    end_unix_nano: (ORIGIN + 5_000_000n).toString(),
    attributes: {},
    events: [],
    status: { code: 'UNSET', message: '' },
    ...fields,
  };
}

const TRACE: Trace = {
  trace_id: 'ab'.repeat(16),
  spans: [
    span('a', 'kong', {
      attributes: {
        'http.request.method': 'GET',
        'url.full': 'http://shop.test/orders',
        'http.request.header.host': 'shop.test',
        'http.response.status_code': 503,
      },
    }),
    span('b', 'kong.router', { parent_span_id: 'a'.padStart(16, '0') }),
  ],
};
const bytesOf = (json: unknown) =>
  new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
const otlp = (...traces: Trace[]) => toOtlpJson(traces, {});

describe('openFile()', () => {
  it('shows a trace that was exported as a control plane would', async () => {
    const { traces, skipped } = await openFile('trace.json', bytesOf(otlp(TRACE)));
    expect(skipped).toBe(0);
    expect(traces).toHaveLength(1);
    const { skeleton, block } = traces[0]!;
    expect(skeleton).toMatchObject({
      ...{ span_count: 2, names: ['kong', 'kong.router'], parent: [-1, 0] },
      summary: {
        ...{
          id: '000000000000000a',
          trace_id: TRACE.trace_id,
          method: 'GET',
          host: 'shop.test',
          path: '/orders',
        },
        ...{ status_code: 503, duration_ms: 5, started_at: '2027-01-15T08:00:00.000Z' },
      },
    });
    expect(block.spans.map(({ attributes }) => Object.keys(attributes).length)).toEqual([4, 0]);
  });

  it('shows a trace without a request by its longest root', async () => {
    const longer = span('c', 'job', { end_unix_nano: (ORIGIN + 9_000_000n).toString() });
    const { traces } = await openFile(
      'x',
      bytesOf(otlp({ trace_id: TRACE.trace_id, spans: [span('b', 'cron'), longer] })),
    );
    expect(traces[0]!.skeleton.summary).toMatchObject({
      path: 'job',
      duration_ms: 9,
      id: '000000000000000c',
      method: '',
    });
  });

  it('opens an archive: its traces newest first, whatever else lies in it left out', async () => {
    const later = {
      ...TRACE,
      trace_id: 'cd'.repeat(16),
      spans: [{ ...TRACE.spans[0]!, start_unix_nano: (ORIGIN + 1_000_000n).toString() }],
    };
    const zip = await sampleZip([
      { name: 'session.json', text: '{"id":"s"}' },
      { name: 'traces/1.otlp.json', text: JSON.stringify(otlp(TRACE)) },
      { name: 'traces/2.otlp.json', text: JSON.stringify(otlp(later)) },
      { name: 'README.txt', text: 'hello' },
    ]);
    const { traces, skipped } = await openFile('session.zip', zip);
    expect(traces.map(({ skeleton }) => skeleton.summary.trace_id)).toEqual([later.trace_id, TRACE.trace_id]);
    expect(skipped).toBe(1);
  });

  it('takes the names of service and route from the summaries of an archive', async () => {
    const text = JSON.stringify(otlp(TRACE));
    const { id } = (await openFile('a.json', new TextEncoder().encode(text))).traces[0]!.skeleton.summary;
    const zip = await sampleZip([
      { name: 'traces/1.summary.json', text: JSON.stringify({ id, service: 'shop\u202e', route: 'orders' }) },
      { name: 'traces/2.summary.json', text: '{"id":7,"service":{}}' },
      { name: 'traces/1.otlp.json', text },
    ]);
    const { traces, skipped } = await openFile('session.zip', zip);
    expect([traces[0]!.skeleton.summary, skipped]).toMatchObject([
      { service: 'shop⟨U+202E⟩', route: 'orders' },
      0,
    ]);
  });

  it.each([
    ['a picture', 'a.png', '\u0089PNG', 'a.png is neither JSON nor a ZIP archive.'],
    ['other JSON', 'b.json', '{"log":{}}', 'b.json is JSON, but no OTLP traces'],
    ['nothing', 'c.json', otlp(), 'c.json holds no traces'],
    [
      'broken OTLP',
      'd.json',
      { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'x' }] }] }] },
      'resourceSpans[0].scopeSpans[0].spans[0].traceId',
    ],
    [
      'an archive that was cut off',
      'e.zip',
      'PK\u0003\u0004',
      'e.zip can’t be read: the archive has no directory',
    ],
  ])('says what is wrong with %s', async (_, name, content, message) => {
    const failure = openFile(name, bytesOf(content));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(OpenError);
  });
});
