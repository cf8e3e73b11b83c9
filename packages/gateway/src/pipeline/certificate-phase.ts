import { messageOf } from '@gatescope/base';
import { type KeptSpan, keptSpans } from '../tracing/kept-spans.ts';
import { runInPlace } from '../tracing/plugin-context.ts';
import { PluginScope } from '../tracing/plugin-scope.ts';
import { RequestRecord } from '../tracing/request-record.ts';
import type { Handshake } from './plugin.ts';
import type { BoundPlugin } from './plugin-chain.ts';

/** One plugin's run in the certificate phase. Times are performance.now() milliseconds. */
export interface CertificateRun {
  /** Name of the plugin. */
  readonly name: string;
  /** Id of the plugin entity. */
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Its I/O and its own spans, where they were recorded. */
  readonly inside: readonly KeptSpan[];
}

const NOTHING: readonly KeptSpan[] = [];

/**
 * Runs the plugins of the certificate phase in order and times each: the first request on the connection tells of them, and of what they did
 * where `isRecorded`. Rejects with what a plugin throws, which refuses the connection.
 */
export async function runCertificatePhase(
  plugins: readonly BoundPlugin[],
  handshake: Handshake,
  onError: (plugin: string, message: string) => void,
  isRecorded: boolean,
): Promise<readonly CertificateRun[]> {
  const runs: CertificateRun[] = [];
  for (const { name, id, instance } of plugins) {
    const startMs = performance.now();
    const run = async () => instance.certificate?.(handshake);
    let inside = NOTHING;
    try {
      if (isRecorded) inside = await runRecorded(run, startMs);
      else await run();
    } catch (error) {
      onError(name, messageOf(error));
      throw error;
    }
    runs.push({ name, id, startMs, endMs: performance.now(), inside });
  }
  return runs;
}

/** There is no request yet whose record could take the spans: one of their own is used, whose root stands for the plugin. */
async function runRecorded(run: () => Promise<void>, startMs: number): Promise<readonly KeptSpan[]> {
  const record = RequestRecord.take(startMs, undefined);
  const scope = new PluginScope(record, 0);
  try {
    await runInPlace({ scope, parent: 0, context: null }, run).finally(() => scope.end(performance.now()));
    return keptSpans(record);
  } finally {
    record.release();
  }
}
