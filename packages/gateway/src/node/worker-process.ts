import { messageOf } from '@gatescope/base';
import { GatewayWorker, type WorkerOptions } from '../worker.ts';
import { CountsDue } from './counts-due.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How often it is seen whether counts have changed, milliseconds. */
const COUNTS_INTERVAL_MS = 80;

/** Runs a worker in this process and does what the primary says, until it is told to drain or the primary is gone. */
export async function runWorkerProcess(options: WorkerOptions): Promise<void> {
  const worker = new GatewayWorker(options);
  const tell = (message: FromWorker) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  let draining = false;
  const due = new CountsDue();
  /** Runs while there is a session whose counts may change. */
  let timer: NodeJS.Timeout | undefined;
  const tellCounts = (isLast: boolean) => {
    const sessions = worker.counts();
    if (due.isDue(sessions, performance.now(), isLast)) tell({ type: 'counts', sessions });
    if (sessions.length > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const drain = async () => {
    if (draining) return;
    draining = true;
    await worker.drain();
    tellCounts(true);
    clearInterval(timer);
    process.exit(0);
  };
  process.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'apply':
        try {
          tell({ type: 'applied', id: message.id, hash: worker.apply(message.config).hash, error: null });
        } catch (error) {
          tell({ type: 'applied', id: message.id, hash: null, error: messageOf(error) });
        }
        break;
      case 'sync':
        tellCounts(true);
        tell({ type: 'synced', id: message.id, sessions: worker.syncSessions(message.sessions) });
        timer ??= setInterval(() => tellCounts(false), COUNTS_INTERVAL_MS);
        break;
      case 'telemetry':
        worker.setTelemetryTarget(message.target);
        break;
      case 'ticket-keys':
        worker.useTicketKeys(Buffer.from(message.keys, 'base64'));
        break;
      case 'log':
        worker.nodeLog.keep(message.level, message.kind, message.message, message.attributes);
        break;
      case 'numbers':
        tell({ type: 'numbers', id: message.id, numbers: worker.numbers() });
        break;
      case 'drain':
        void drain();
        break;
    }
  });
  process.on('disconnect', () => void drain());
  // Signals reach the whole group; the primary says when to end.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => undefined);
  try {
    await worker.listen();
    tell({ type: 'listening' });
  } catch (error) {
    tell({ type: 'failed', message: messageOf(error) });
  }
}
