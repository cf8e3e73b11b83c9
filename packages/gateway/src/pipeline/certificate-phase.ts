import { messageOf } from '@gatescope/base';
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
}

/**
 * Runs the plugins of the certificate phase in order and times each: the first request on the connection tells of them. Rejects with what a
 * plugin throws, which refuses the connection.
 */
export async function runCertificatePhase(
  plugins: readonly BoundPlugin[],
  handshake: Handshake,
  onError: (plugin: string, message: string) => void,
): Promise<readonly CertificateRun[]> {
  const runs: CertificateRun[] = [];
  for (const { name, id, instance } of plugins) {
    const startMs = performance.now();
    try {
      await instance.certificate?.(handshake);
    } catch (error) {
      onError(name, messageOf(error));
      throw error;
    }
    runs.push({ name, id, startMs, endMs: performance.now() });
  }
  return runs;
}
