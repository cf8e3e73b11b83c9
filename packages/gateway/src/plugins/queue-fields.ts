import type { PluginDefinition } from '../pipeline/plugin.ts';
import type { QueueLimits } from './delivery-queue.ts';

const seconds = (value: number) => ({ type: 'number', min: 0, max: 3_600, default: value }) as const;

/** Kong's record `queue`: how entries wait to be sent, and how long it is tried. `batch` is the plugin's own default. */
export function queueFields(batch: number): PluginDefinition['schema'] {
  return {
    queue: {
      type: 'record',
      fields: {
        max_batch_size: { type: 'integer', min: 1, max: 1_000_000, default: batch },
        max_coalescing_delay: seconds(1),
        max_entries: { type: 'integer', min: 1, max: 1_000_000, default: 10_000 },
        max_bytes: { type: 'integer', min: 1 },
        max_retry_time: seconds(60),
        initial_retry_delay: seconds(0.01),
        max_retry_delay: seconds(60),
        concurrency_limit: { type: 'integer', oneOf: [1], default: 1 },
      },
    },
  };
}

/** The record as limits. */
export function queueLimitsOf(config: Readonly<Record<string, unknown>>): QueueLimits {
  const queue = config['queue'] as Readonly<Record<string, number | null>>;
  const ms = (name: string) => queue[name]! * 1_000;
  return {
    batchEntriesMax: queue['max_batch_size']!,
    coalesceMs: ms('max_coalescing_delay'),
    entriesMax: queue['max_entries']!,
    bytesMax: queue['max_bytes'] ?? Number.POSITIVE_INFINITY,
    retryMs: ms('max_retry_time'),
    firstRetryMs: ms('initial_retry_delay'),
    retryPauseMsMax: ms('max_retry_delay'),
  };
}
