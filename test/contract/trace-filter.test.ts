import type { List, TraceSummary } from '@gatescope/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

const TRACES = 10_000;
const BATCH = 500;
/** Turns of the event loop that filtering must leave to others, however slow the machine; in one go it would leave none. */
const TURNS_MIN = 100;

/** Turns of the event loop while something runs, and the longest time between two, milliseconds. */
async function turnsDuring(run: () => Promise<unknown>): Promise<{ turns: number; longestMs: number }> {
  let turns = 0;
  let longestMs = 0;
  let last = performance.now();
  let isOver = false;
  const turn = () => {
    const now = performance.now();
    turns++;
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  turn();
  await run();
  isOver = true;
  return { turns, longestMs };
}

describe('?filter= over a session of ten thousand traces', { timeout: 180_000 }, () => {
  let plane: TestControlPlane;
  let node: TestNode;
  let id: string;
  beforeAll(async () => {
    plane = await TestControlPlane.start();
    node = await plane.node();
    id = (await plane.session({ max_traces: TRACES })).id;
    const phases = Array.from({ length: 14 }, (_, index) => ({ name: `kong.phase.${index}` }));
    for (let from = 0; from < TRACES; from += BATCH) {
      const traces = Array.from({ length: BATCH }, (_, index) =>
        aTrace([id], {
          attributes: {
            'http.response.size': from + index,
            'proxy.kong.request.id': `request-${from + index}`,
          },
          spans: phases,
        }),
      );
      expect((await node.send(exportRequest(...traces))).status).toBe(200);
    }
  });
  afterAll(() => plane.close());

  const filtered = async (rule: string) =>
    (
      await plane.call<List<TraceSummary>>(
        `${SESSIONS}/${id}/traces?size=1000&filter=${encodeURIComponent(rule)}`,
      )
    ).body.data;

  it('finds them all and lets others have their turn', async () => {
    const matched: (readonly TraceSummary[])[] = [];
    const started = performance.now();
    const { turns, longestMs } = await turnsDuring(async () => {
      matched.push(
        ...(await Promise.all([
          filtered('http.response.size == 77'),
          filtered('http.response.size >= 9990'),
        ])),
      );
    });
    const tookMs = performance.now() - started;
    expect(matched.map((traces) => traces.length)).toEqual([1, 10]);
    expect(turns).toBeGreaterThan(TURNS_MIN);
    expect(longestMs).toBeLessThan(tookMs / 4);
  });

  it('lets telemetry in meanwhile', async () => {
    let isFiltering = true;
    const filter = filtered('http.response.size == -1').finally(() => (isFiltering = false));
    const other = await plane.session();
    let taken = 0;
    while (isFiltering) {
      expect((await node.send(exportRequest(aTrace([other.id])))).status).toBe(200);
      taken++;
    }
    expect(await filter).toEqual([]);
    expect(taken).toBeGreaterThan(5);
  });
});
