import { setTimeout as delay } from 'node:timers/promises';
import { randomHex } from '@gatescope/base';
import { CLUSTER_PATHS, LOG_CHUNK_ATTRIBUTE, SESSION_IDS_ATTRIBUTE } from '@gatescope/protocol';
import { fieldKey, type LogLine, ProtoWriter, writeScopeLogs } from '@gatescope/trace';
import type { ArmedSession } from '../tracing/armed-session.ts';
import { TelemetrySender, type TelemetryTarget } from '../tracing/telemetry-sender.ts';

/** Bytes of chunks that wait to be sent, at most. */
const QUEUE_BYTES_MAX = 4 * 1_048_576;

interface Chunk {
  readonly session: ArmedSession;
  readonly body: Uint8Array;
  readonly lines: number;
}

/** Sends the lines of no request to the control plane, a chunk at a time; a chunk that comes twice is stored once. Counts what is lost. */
export class LogExporter {
  readonly #sender = new TelemetrySender(CLUSTER_PATHS.logs);
  readonly #epoch = randomHex(6);
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  #number = 0;
  #sending: Promise<void> | null = null;

  setTarget(target: TelemetryTarget): void {
    this.#sender.setTarget(target);
    this.#start();
  }

  /** Takes lines, which are redacted; those that do not fit are dropped and counted. */
  push(session: ArmedSession, lines: readonly LogLine[]): void {
    const body = this.#encode(session, lines);
    if (this.#bytes + body.length > QUEUE_BYTES_MAX) {
      session.drop('node_log_queue_full', lines.length);
      return;
    }
    this.#bytes += body.length;
    session.pendingLogs++;
    this.#chunks.push({ session, body, lines: lines.length });
    this.#start();
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.race([this.#sending, delay(timeoutMs, undefined, { ref: false })]);
    await this.#sender.close();
  }

  #encode(session: ArmedSession, lines: readonly LogLine[]): Uint8Array {
    const writer = new ProtoWriter(4_096);
    const resource = writer.begin(fieldKey(1, 2));
    const scope = writer.begin(fieldKey(2, 2));
    const chunk = `${this.#epoch}-${++this.#number}`;
    writeScopeLogs(writer, { [SESSION_IDS_ATTRIBUTE]: [session.id], [LOG_CHUNK_ATTRIBUTE]: chunk }, lines);
    writer.end(scope);
    writer.end(resource);
    return writer.finish();
  }

  #start(): void {
    if (!this.#sender.hasTarget || this.#sending !== null || this.#chunks.length === 0) return;
    this.#sending = this.#drain().finally(() => {
      this.#sending = null;
    });
  }

  async #drain(): Promise<void> {
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      const { session, body, lines } = chunk;
      // Nothing is said of a try that fails: a line about it would have to be sent as well.
      const { kind } = await this.#sender.send(body);
      this.#bytes -= body.length;
      session.pendingLogs--;
      if (kind !== 'taken')
        session.drop(kind === 'refused' ? 'node_log_rejected' : 'node_log_export_failed', lines);
    }
  }
}
