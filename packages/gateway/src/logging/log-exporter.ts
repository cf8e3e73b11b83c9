import { randomHex } from '@gatescope/base';
import { CLUSTER_PATHS, LOG_CHUNK_ATTRIBUTE, SESSION_IDS_ATTRIBUTE } from '@gatescope/protocol';
import { fieldKey, type LogLine, ProtoWriter, writeScopeLogs } from '@gatescope/trace';
import { Agent, request } from 'undici';
import type { ArmedSession } from '../tracing/armed-session.ts';
import type { TelemetryTarget } from '../tracing/trace-exporter.ts';

/** Bytes of chunks that wait to be sent, at most. */
const QUEUE_BYTES_MAX = 4 * 1_048_576;
const TRIES_MAX = 6;
const BACKOFF_MS = 200;
const TIMEOUT_MS = 10_000;

interface Chunk {
  readonly session: ArmedSession;
  readonly body: Uint8Array;
  readonly lines: number;
}

/** Sends the lines of no request to the control plane, a chunk at a time; a chunk that comes twice is stored once. Counts what is lost. */
export class LogExporter {
  readonly #epoch = randomHex(6);
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  #number = 0;
  #target: TelemetryTarget | null = null;
  #agent: Agent | null = null;
  #sending: Promise<void> | null = null;

  setTarget(target: TelemetryTarget): void {
    const previous = this.#agent;
    const { cert, key, ca, serverName } = target;
    this.#target = target;
    this.#agent = new Agent({
      connections: 1,
      connect: { cert, key, ca, servername: serverName, timeout: TIMEOUT_MS },
    });
    void previous?.destroy();
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
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
    await Promise.race([this.#sending, timeout]);
    await this.#agent?.destroy();
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
    if (this.#target === null || this.#sending !== null || this.#chunks.length === 0) return;
    this.#sending = this.#drain().finally(() => {
      this.#sending = null;
    });
  }

  async #drain(): Promise<void> {
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      const reason = await this.#send(chunk);
      this.#bytes -= chunk.body.length;
      chunk.session.pendingLogs--;
      if (reason !== null) chunk.session.drop(reason, chunk.lines);
    }
  }

  /** Null where the chunk was taken. */
  async #send({ body }: Chunk): Promise<'node_log_rejected' | 'node_log_export_failed' | null> {
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const { url, token } = this.#target!;
      try {
        const response = await request(`${url}${CLUSTER_PATHS.logs}`, {
          method: 'POST',
          dispatcher: this.#agent!,
          headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${token}` },
          body,
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
        });
        await response.body.dump();
        if (response.statusCode === 200) return null;
        if (response.statusCode < 500 && response.statusCode !== 429 && response.statusCode !== 401)
          return 'node_log_rejected';
      } catch {
        // Not said: a line about it would have to be sent as well.
      }
      await new Promise<void>((resolve) => setTimeout(resolve, BACKOFF_MS * 2 ** attempt).unref());
    }
    return 'node_log_export_failed';
  }
}
