import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@gatescope/base';
import { fieldKey, ProtoWriter } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { GONE } from '../testing/gone-target.ts';
import { session, TraceCollector } from '../testing/trace-collector.ts';
import { ArmedSession } from './armed-session.ts';
import type { TelemetryTarget } from './telemetry-sender.ts';
import { QUEUE_BYTES_MAX, TraceExporter, type TraceExporterOptions } from './trace-exporter.ts';

/** A trace of one span with an attribute of so many bytes, as a field of ResourceSpans. */
function trace(bytes = 10): Uint8Array {
  const writer = new ProtoWriter(bytes + 256);
  const scope = writer.begin(fieldKey(2, 2));
  const span = writer.begin(fieldKey(2, 2));
  writer.bytes(fieldKey(1, 2), Buffer.alloc(16, 1));
  writer.bytes(fieldKey(2, 2), Buffer.alloc(8, 2));
  writer.string(fieldKey(5, 2), 'x'.repeat(bytes));
  writer.end(span);
  writer.end(scope);
  return writer.finish();
}

function armed(): ArmedSession {
  const one = ArmedSession.arm(session(), []);
  if (typeof one === 'string') throw new Error(one);
  return one;
}

function start(options: TraceExporterOptions = {}) {
  const lines: string[] = [];
  const logger: Logger = { log: (level, _, message) => lines.push(`${level} ${message}`) };
  const exporter = new TraceExporter({ 'service.name': 'gatescope' }, logger, options);
  onTestFinished(() => exporter.close(0));
  const one = armed();
  const push = (bytes = 10) => {
    one.pending++;
    exporter.push(trace(bytes), [one], 1);
  };
  return { exporter, lines, one, push };
}

/** Takes a tenth of a second for each request; tells when they came. */
async function slowPlace(): Promise<{ target: TelemetryTarget; times: number[] }> {
  const times: number[] = [];
  const server = createServer((request, response) => {
    times.push(performance.now());
    request.resume();
    request.on('end', () => setTimeout(() => response.end(), 100));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { target: { ...GONE, url: `http://127.0.0.1:${port}` }, times };
}

function targetOf(collector: TraceCollector): TelemetryTarget {
  let target: TelemetryTarget | null = null;
  collector.attach({ worker: { setTelemetryTarget: (told: TelemetryTarget) => (target = told) } } as never);
  return target!;
}

describe('TraceExporter', () => {
  it.each([
    ['coded', true],
    ['decoded', false],
  ])('sends what waited for a target, in one request, and settles it: %s', async (_, takesStencils) => {
    const { exporter, one, push } = start();
    for (let count = 0; count < 3; count++) push();
    expect(one.pending).toBe(3);
    const collector = await TraceCollector.start();
    collector.takesStencils = takesStencils;
    exporter.setTarget(targetOf(collector));
    await until('the traces to be settled', () => one.pending === 0);
    expect([collector.requests, collector.traces.length, one.counts.traces, one.counts.spans]).toEqual([
      1, 3, 3, 3,
    ]);
    expect(collector.traces[0]!.resource).toEqual({ 'service.name': 'gatescope' });
  });

  it('sends a trace larger than a batch alone, and the others around it', async () => {
    const { exporter, one, push } = start();
    for (const bytes of [10, 3_000_000, 10]) push(bytes);
    const collector = await TraceCollector.start();
    exporter.setTarget(targetOf(collector));
    await until('the traces to be settled', () => one.pending === 0);
    expect(collector.traces.map(({ spans }) => spans[0]!.name.length)).toEqual([10, 3_000_000, 10]);
    expect(collector.requests).toBe(3);
  });

  it.each([503, 500, 429, 401])('tries again after %i, and loses nothing', async (status) => {
    const { exporter, one, push } = start();
    const collector = await TraceCollector.start();
    collector.statuses = [status, status];
    push();
    exporter.setTarget(targetOf(collector));
    await until('the trace to be settled', () => one.pending === 0);
    expect([collector.requests, collector.traces.length, one.counts]).toMatchObject([
      3,
      1,
      { traces: 1, dropped: {} },
    ]);
  });

  it.each([400, 413, 404])('counts what is refused with %i, and goes on', async (status) => {
    const { exporter, one, lines, push } = start();
    const collector = await TraceCollector.start();
    collector.statuses = [status];
    push();
    exporter.setTarget(targetOf(collector));
    await until('the trace to be dropped', () => one.pending === 0);
    expect(one.counts).toMatchObject({ traces: 0, dropped: { rejected: 1 } });
    expect(lines).toEqual([`warn the control plane refused 1 traces with ${status}`]);
    push();
    await until('the next trace', () => collector.traces.length === 1);
  });

  it('gives up when its time is over, counts, and says so once', async () => {
    const { exporter, one, lines, push } = start({ keepTryingMs: 200 });
    push();
    // Each word of the control plane is worth a try at once.
    await until('the trace to be given up', () => {
      exporter.setTarget(GONE);
      return one.pending === 0;
    });
    expect(one.counts).toMatchObject({ traces: 0, dropped: { export_failed: 1 } });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^notice traces could not be sent: .*; trying again$/);
    expect(lines[1]).toBe("warn 1 traces were lost: the control plane can't be reached");
  });

  it('holds no more than its bound, and has room again once something was sent', async () => {
    const { exporter, one, push } = start();
    const size = 1_000_000;
    const count = Math.ceil(QUEUE_BYTES_MAX / size) + 10;
    for (let pushed = 0; pushed < count; pushed++) push(size);
    expect(exporter.isFull).toBe(true);
    const dropped = one.counts.dropped['queue_full']!;
    expect(dropped).toBeGreaterThan(5);
    expect((count - dropped) * size).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
    const collector = await TraceCollector.start();
    exporter.setTarget(targetOf(collector));
    await until('all to be sent', () => one.pending === 0);
    expect(collector.traces).toHaveLength(count - dropped);
    expect(exporter.isFull).toBe(false);
  });

  it.each([
    [0.9, 'rests six times as long as a request took while the worker is busy', true],
    [0.3, 'sends one request after the other while the worker is not busy', false],
  ])('with a loop that is busy for %d of the time %s', async (share, _, rests) => {
    const { exporter, one, push } = start({ watchLoop: () => () => share });
    const { target, times } = await slowPlace();
    // Three batches, of which each has no room for another.
    for (let count = 0; count < 3; count++) push(600_000);
    exporter.setTarget(target);
    await until('the traces to be settled', () => one.pending === 0);
    expect(times).toHaveLength(3);
    // A timer may be a millisecond early.
    if (rests) expect(times[1]! - times[0]!).toBeGreaterThan(690);
    expect(one.counts).toMatchObject({ traces: 3, dropped: {} });
  });

  it('hands everything in when it closes while it rests', async () => {
    const { exporter, one, push } = start({ watchLoop: () => () => 1 });
    const { target, times } = await slowPlace();
    for (let count = 0; count < 3; count++) push(600_000);
    exporter.setTarget(target);
    await until('the first to be settled', () => one.pending === 2);
    await exporter.close(15_000);
    expect([one.pending, times.length]).toEqual([0, 3]);
  });

  it('sends what waits when it closes, and takes no longer than it may', async () => {
    const { exporter, one, push } = start();
    const collector = await TraceCollector.start();
    exporter.setTarget(targetOf(collector));
    push();
    await exporter.close(15_000);
    expect([one.pending, collector.traces.length]).toEqual([0, 1]);
    const silent = start();
    silent.push();
    await silent.exporter.close(50);
    expect(silent.one.pending).toBe(1);
  });
});
