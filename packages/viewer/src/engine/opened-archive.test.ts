import type { LogLine } from '@gatescope/protocol';
import { type Span, toOtlpJson } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { OpenError } from './open-error.ts';
import { openArchive } from './opened-archive.ts';
import { type SampleFile, sampleZip } from './testing/sample-zip.ts';
import type { TracePart } from './trace-part.ts';

const TRACE_ID = 'ab'.repeat(16);
const START = 1_800_000_000_000_000_000n;
const ROOT = 'aaaaaaaaaaaaaaaa';
const OTHER = 'bbbbbbbbbbbbbbbb';
const INNER = 'cccccccccccccccc';

function span(span_id: string, parent_span_id: string | null, name: string): Span {
  return {
    ...{ span_id, parent_span_id, name, kind: 'INTERNAL', attributes: {}, events: [] },
    ...{ start_unix_nano: `${START}`, end_unix_nano: `${START + 5_000_000n}` },
    status: { code: 'UNSET', message: '' },
  };
}

const trace = (root: string, ...rest: Span[]): SampleFile => ({
  name: `traces/${root}.otlp.json`,
  text: JSON.stringify(
    toOtlpJson(
      [
        {
          trace_id: TRACE_ID,
          spans: [
            {
              ...span(root, null, 'kong'),
              attributes: { 'http.request.method': 'GET', 'url.full': 'http://x/' },
            },
            ...rest,
          ],
        },
      ],
      {},
    ),
  ),
});
const json = (name: string, value: unknown): SampleFile => ({ name, text: JSON.stringify(value) });
const summary = (id: string, fields: object = {}) => json(`traces/${id}.summary.json`, { id, ...fields });
const session = (capture: object) => json('session.json', { id: 's', capture });
const line = (
  message: string,
  ms: number,
  span_id: string | null,
  fields: Partial<LogLine> = {},
): LogLine => ({
  ...{
    time_unix_nano: `${START + BigInt(ms) * 1_000_000n}`,
    level: 'info',
    type: 'plugin',
    source: 'gateway',
  },
  ...{ message, attributes: { a: [1] }, trace_id: TRACE_ID, span_id, ...fields },
});
const log = (number: number, ...lines: readonly (LogLine | string | object)[]): SampleFile => ({
  name: `logs/0000${number}.ndjson`,
  text: lines.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''),
});
const MESSAGE = {
  headers: [['Host', 'x']],
  body: {
    ...{ text: '{}', content_type: 'application/json', content_encoding: null },
    ...{ size_bytes: 2, captured_bytes: 2, truncated: false },
  },
  redactions: [{ where: 'body', rule: 'card', count: 1 }],
};
const PAYLOAD = {
  client_request: MESSAGE,
  upstream_request: null,
  upstream_response: null,
  client_response: MESSAGE,
};

async function open(...files: SampleFile[]) {
  return await openArchive('session.zip', await sampleZip(files));
}
async function read<T>(part: TracePart<T>): Promise<T> {
  if ('reason' in part) throw new Error(`no part: ${part.reason}`);
  return await part.read(new AbortController().signal);
}
const reasonOf = (part: TracePart<unknown>) => ('reason' in part ? part.reason : 'there is one');

describe('openArchive()', () => {
  it('gives a trace the lines that belong to it, newest first, and tells how many the session had', async () => {
    const { traces, skipped } = await open(
      session({ logs: 'debug' }),
      trace(ROOT, span(INNER, ROOT, 'kong.phase.access')),
      summary(ROOT, { log_count: 3 }),
      log(2, line('first', 1, ROOT), line('of no request', 2, null, { trace_id: null })),
      log(1, '', line('third', 3, null), line('second', 2, INNER)),
    );
    expect([skipped, traces[0]!.skeleton.summary.log_count]).toEqual([0, 3]);
    const { lines, isCut } = await read(traces[0]!.log);
    expect(lines).toEqual([line('third', 3, null), line('second', 2, INNER), line('first', 1, ROOT)]);
    expect(isCut).toBe(false);
  });

  it('tells the lines of traces with the same id apart by their spans', async () => {
    const { traces } = await open(
      trace(ROOT),
      trace(OTHER),
      log(1, line('other', 3, OTHER), line('lost', 2, 'dddddddddddddddd'), line('own', 1, ROOT)),
    );
    const texts = await Promise.all(
      traces.map(async (one) => (await read(one.log)).lines.map(({ message }) => message)),
    );
    expect(texts).toEqual([
      ['lost', 'own'],
      ['other', 'lost'],
    ]);
  });

  it('gives a trace its payload, more than once', async () => {
    const { traces } = await open(trace(ROOT), json(`payloads/${ROOT}.json`, { ...PAYLOAD, query: 'a=b' }));
    expect(await read(traces[0]!.payload)).toEqual(PAYLOAD);
    expect(await read(traces[0]!.payload)).toEqual(PAYLOAD);
  });

  it.each([
    [
      'a session that asked for neither',
      [session({ logs: false, headers: false, bodies: false })],
      /not enabled/,
      /did not ask/,
    ],
    ['an archive of no session', [], /holds no log/, /No headers or bodies/],
    [
      'somebody without the right to payloads',
      [session({ logs: 'info', headers: true }), summary(ROOT, { has_payload: true })],
      /there is one/,
      /may not read payloads/,
    ],
  ] as const)('says why there is neither log nor payload: %s', async (_, files, noLog, noPayload) => {
    const { traces } = await open(trace(ROOT), ...files);
    expect(reasonOf(traces[0]!.log)).toMatch(noLog);
    expect(reasonOf(traces[0]!.payload)).toMatch(noPayload);
  });

  it('has an empty log where logs were asked for and nothing was said', async () => {
    const { traces } = await open(session({ logs: 'info' }), trace(ROOT));
    expect(await read(traces[0]!.log)).toEqual({ lines: [], isCut: false });
  });

  it.each([
    ['{', 'logs/00001.ndjson, line 2 is no JSON.'],
    ['7', 'logs/00001.ndjson, line 2 is no object.'],
    [line('x', 0, null, { level: 'loud' as 'info' }), 'logs/00001.ndjson, line 2: there is no level loud.'],
    [{ ...line('x', 0, null), message: {} }, 'logs/00001.ndjson, line 2: message is no text.'],
    [{ ...line('x', 0, null), time_unix_nano: '1e9' }, 'line 2: time_unix_nano is no number of nanoseconds.'],
    [{ ...line('x', 0, null), attributes: [] }, 'line 2: attributes is no object.'],
    [
      `${JSON.stringify(line('x', 0, null)).replace('[1]', `${'['.repeat(5_000)}${']'.repeat(5_000)}`)}`,
      'line 2: attributes is nested more than 50 deep.',
    ],
  ])('says which line of a log can’t be read and why: %#', async (wrong, message) => {
    const { traces } = await open(trace(ROOT), log(1, line('fine', 1, null), wrong));
    const failure = read(traces[0]!.log);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(OpenError);
  });

  it.each([
    ['nothing', undefined, ' is no object.'],
    ['a list', [], ' is no object.'],
    ['a message that is none', { client_request: 'x' }, ': client_request is no object.'],
    [
      'headers that are none',
      { client_request: { ...MESSAGE, headers: [['a', 7]] } },
      '.headers[0][1] is no text.',
    ],
    [
      'headers without end',
      { client_request: { ...MESSAGE, headers: Array(1_001).fill(['a', 'b']) } },
      '.headers has more than 1000 entries.',
    ],
    [
      'a body without a size',
      { client_response: { ...MESSAGE, body: { ...MESSAGE.body, size_bytes: -1 } } },
      '.body.size_bytes is no number from 0 on.',
    ],
  ])('says what of a payload can’t be read: %s', async (_, payload, message) => {
    const file = {
      name: `payloads/${ROOT}.json`,
      text: payload === undefined ? '' : JSON.stringify(payload),
    };
    const { traces } = await open(trace(ROOT), file);
    const failure = read(traces[0]!.payload);
    await expect(failure).rejects.toThrow(`payloads/${ROOT}.json`);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(OpenError);
  });
});
