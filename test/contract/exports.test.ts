import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { type PayloadCapture, PayloadSchema } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { aLine, aTrace, exportRequest, type SentTrace } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let id: string;
let traces: SentTrace[];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  const node = await controlPlane.node();
  const setting = '/settings/payload-capture';
  const { agreement_text } = (await controlPlane.call<PayloadCapture>(setting)).body;
  await controlPlane.call(setting, { method: 'PUT', body: { enabled: true, agreement_text } });
  ({ id } = await controlPlane.session({ capture: { logs: 'debug', headers: true, bodies: true } }));
  const [payload] = (PayloadSchema as { examples?: object[] }).examples!;
  traces = [aTrace([id]), aTrace([id])];
  for (const trace of traces)
    await node.send(
      exportRequest({
        ...trace,
        lines: [aLine({ trace_id: trace.traceId })],
        payload: { ...payload, query: 'a=1' },
      }),
    );
});
afterAll(() => controlPlane.close());

async function download(
  format: string,
  token?: string,
): Promise<{ status: number; type: string; bytes: Buffer }> {
  const path = `/api/v1${SESSIONS}/${id}/export?format=${format}`;
  const response = await controlPlane.fetch(path, token === undefined ? {} : { token });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** The files of an archive, by its directory. */
function unzipped(bytes: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(bytes.length - 6);
  for (let left = bytes.readUInt16LE(bytes.length - 12); left > 0; left--) {
    const length = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + length);
    const start = bytes.readUInt32LE(at + 42) + 30 + length;
    files.set(name, inflateRawSync(bytes.subarray(start, start + bytes.readUInt32LE(at + 20))).toString());
    at += 46 + length;
  }
  return files;
}

describe('the export of a session', () => {
  it('is OTLP JSON with every trace', async () => {
    const { status, type, bytes } = await download('otlp');
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    const ids = traces.map(({ traceId }) => traceId).sort();
    const { resourceSpans } = JSON.parse(bytes.toString()) as {
      resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[];
    };
    expect(resourceSpans.map((one) => one.scopeSpans[0]!.spans[0]!.traceId).sort()).toEqual(ids);
  });

  it('is HAR 1.2 with times that add up, and headers and bodies for those who may read them', async () => {
    type Har = { log: { version: string; entries: Record<string, never>[] } };
    const har = async (token?: string) => JSON.parse((await download('har', token)).bytes.toString()) as Har;
    for (const [token, mayRead] of [
      [undefined, true],
      [await controlPlane.token({ role: 'viewer', control_planes: 'all' }), false],
    ] as const) {
      const { log } = await har(token);
      expect([log.version, log.entries.length]).toEqual(['1.2', 2]);
      for (const { time, timings, request } of log.entries as unknown as {
        time: number;
        timings: Record<string, number>;
        request: { url: string; headers: object[]; postData?: { text: string } };
      }[]) {
        const sum = Object.values(timings).reduce((all, one) => all + Math.max(0, one), 0);
        expect(sum).toBeCloseTo(time, 3);
        expect(request.headers.length > 0).toBe(mayRead);
        expect(request.postData?.text).toBe(mayRead ? '{"card":"****************"}' : undefined);
        expect(request.url.endsWith('?a=1')).toBe(mayRead);
      }
    }
  });

  it('is an archive of session, traces, logs and, for those who may, payloads', async () => {
    const { type, bytes } = await download('zip');
    expect(type).toBe('application/zip');
    const files = unzipped(bytes);
    const ids = (await controlPlane.tracesOf(id)).map((trace) => trace.id);
    const expected = ['session.json', 'logs/00001.ndjson'].concat(
      ids.flatMap((one) => [`traces/${one}.summary.json`, `traces/${one}.otlp.json`, `payloads/${one}.json`]),
    );
    expect([...files.keys()].sort()).toEqual(expected.sort());
    expect(JSON.parse(files.get('session.json')!)).toMatchObject({ id });
    expect(files.get('logs/00001.ndjson')!.trim().split('\n')).toHaveLength(2);
    const viewer = await controlPlane.token({ role: 'viewer', control_planes: 'all' });
    const without = unzipped((await download('zip', viewer)).bytes);
    expect([...without.keys()].filter((name) => name.startsWith('payloads/'))).toEqual([]);
  });

  it('opens with other programs: Python reads the archive', () => {
    // Where there is no Python the archive is still read by its own directory above.
    const folder = mkdtempSync(join(tmpdir(), 'gatescope-zip-'));
    try {
      execFileSync('python3', ['--version']);
    } catch {
      rmSync(folder, { recursive: true });
      return;
    }
    return download('zip').then(({ bytes }) => {
      const path = join(folder, 'session.zip');
      writeFileSync(path, bytes);
      const code =
        'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))';
      expect(execFileSync('python3', ['-c', code, path]).toString().trim()).toBe('None 8');
      expect(readFileSync(path)).toEqual(bytes);
      rmSync(folder, { recursive: true });
    });
  });

  it('of what can not be read, or in no such format, is a problem', async () => {
    expect((await download('pdf')).status).toBe(400);
    const [key] = (await controlPlane.call<{ data: { id: string }[] }>('/keys')).body.data;
    await controlPlane.call(`/keys/${key!.id}/disable`, { method: 'POST' });
    for (const format of ['otlp', 'har', 'zip']) expect((await download(format)).status).toBe(503);
    await controlPlane.call(`/keys/${key!.id}/activate`, { method: 'POST' });
  });
});
