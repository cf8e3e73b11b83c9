import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { DeliveryQueue, type QueueLimits } from './delivery-queue.ts';

const LIMITS: QueueLimits = {
  batchEntriesMax: 1,
  coalesceMs: 0,
  entriesMax: 100,
  bytesMax: 1_000,
  retryMs: 60_000,
  firstRetryMs: 0,
  retryPauseMsMax: 0,
};

/** A queue whose server answers as a test says: by default it takes everything. */
function queueWith(limits: Partial<QueueLimits>, answer: () => Promise<void> = () => Promise.resolve()) {
  const batches: (readonly string[])[] = [];
  const lines: string[] = [];
  const queue = new DeliveryQueue<string>(
    { ...LIMITS, ...limits },
    {
      deliver: async (batch) => {
        await answer();
        batches.push(batch);
      },
      log: (level, message) => lines.push(`${level} ${message}`),
    },
  );
  return { queue, batches, lines };
}

describe('DeliveryQueue', () => {
  it('sends each entry alone, in order, and never before the caller is done', async () => {
    const { queue, batches } = queueWith({});
    for (const entry of ['a', 'b', 'c']) queue.push(entry, 1);
    expect(batches).toEqual([]);
    await queue.close();
    expect(batches).toEqual([['a'], ['b'], ['c']]);
  });

  it('sends together what comes together, up to the batch', async () => {
    const { queue, batches } = queueWith({ batchEntriesMax: 2, coalesceMs: 1 });
    for (const entry of ['a', 'b', 'c']) queue.push(entry, 1);
    await until('all to be sent', () => batches.length === 2);
    expect(batches).toEqual([['a', 'b'], ['c']]);
  });

  it('drops the oldest where there is no room, counts them and tells', async () => {
    const { queue, batches, lines } = queueWith({ entriesMax: 3, bytesMax: 50 });
    for (const entry of ['a', 'b', 'c', 'd']) queue.push(entry, 10);
    queue.push('large', 40);
    queue.push('too large', 51);
    await queue.close();
    expect(batches.flat()).toEqual(['d', 'large']);
    expect(queue.dropped).toBe(4);
    expect(lines).toEqual([
      'error the queue is full: the oldest entries are dropped',
      'error 4 entries dropped since the queue was full',
    ]);
  });

  it('tries again until a batch is taken', async () => {
    let failures = 3;
    const { queue, batches, lines } = queueWith({}, async () => {
      if (failures-- > 0) throw new Error('busy');
    });
    queue.push('a', 1);
    queue.push('b', 1);
    await until('both to be sent', () => batches.length === 2);
    expect([batches, lines]).toEqual([[['a'], ['b']], ['warn could not send 1 entry, trying again: busy']]);
    expect(queue.dropped).toBe(0);
  });

  it('gives a batch up when its time is over, and goes on with the next', async () => {
    const { queue, lines } = queueWith({ retryMs: 0 }, () => Promise.reject(new Error('gone')));
    queue.push('a', 1);
    queue.push('b', 1);
    await until('both to be lost', () => queue.dropped === 2);
    expect(lines).toEqual(['error 1 entry lost: gone', 'error 1 entry lost: gone']);
  });

  it('does not wait any more when it is closed, and still takes what comes late', async () => {
    const { queue, batches } = queueWith({ batchEntriesMax: 10, coalesceMs: 3_600_000 });
    queue.push('a', 1);
    await queue.close();
    queue.push('late', 1);
    await queue.close();
    expect(batches).toEqual([['a'], ['late']]);
  });
});
