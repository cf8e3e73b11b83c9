import type { Skeleton, TraceSummary } from '@gatescope/protocol';
import { type TraceModel, traceModel } from '../trace-model.ts';

/** A summary whose fields are said where they matter. */
export function sampleSummary(changed: Partial<TraceSummary> = {}): TraceSummary {
  return {
    id: 'aa00000000000000',
    trace_id: 'aa000000000000000000000000000000',
    session_id: 's1',
    node_id: 'n1',
    started_at: '2026-01-31T09:30:00.000000Z',
    method: 'GET',
    host: 'api.example.com',
    path: '/orders',
    status_code: 200,
    upstream_status_code: 200,
    duration_ms: 0,
    upstream_ms: 0,
    gateway_ms: 0,
    client_ms: 0,
    io_ms: 0,
    service: 'orders',
    route: 'orders',
    consumer: null,
    span_count: 0,
    log_count: 0,
    error: null,
    slowest_plugin: null,
    exited_by: null,
    has_payload: false,
    ...changed,
  };
}

/**
 * A trace drawn as a tree: one span a line, two spaces a level, `name start+duration` in microseconds, `!` for one that failed.
 * Rows are in the order of the lines, which is to be that of the starts.
 */
export function sampleTrace(drawing: string, summary: Partial<TraceSummary> = {}): TraceModel {
  return traceModel(sampleSkeleton(drawing, summary));
}

/** The skeleton of such a drawing. */
export function sampleSkeleton(drawing: string, summary: Partial<TraceSummary> = {}): Skeleton {
  const lines = drawing.split('\n').filter((line) => line.trim() !== '');
  const outermost = Math.min(...lines.map(indentOf));
  const names: string[] = [];
  const above: number[] = [];
  const skeleton: Skeleton = {
    summary: sampleSummary({ span_count: lines.length, ...summary }),
    origin_unix_nano: '1769851800000000000',
    span_count: lines.length,
    names,
    name: [],
    span_id: [],
    parent: [],
    start_ns: [],
    duration_ns: [],
    status: [],
  };
  lines.forEach((line, row) => {
    const level = (indentOf(line) - outermost) / 2;
    const [, name, start, took, failed] = /^\s*(\S+) ([\d.]+)\+([\d.]+)( !)?$/.exec(line)!;
    if (!names.includes(name!)) names.push(name!);
    skeleton.name.push(names.indexOf(name!));
    skeleton.span_id.push(row.toString(16).padStart(16, '0'));
    skeleton.parent.push(level === 0 ? -1 : above[level - 1]!);
    skeleton.start_ns.push(Number(start) * 1e3);
    skeleton.duration_ns.push(Number(took) * 1e3);
    skeleton.status.push(failed === undefined ? 0 : 2);
    above[level] = row;
  });
  return skeleton;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
