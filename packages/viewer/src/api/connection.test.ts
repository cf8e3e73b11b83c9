import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, isFromProxy } from './connection.ts';

describe('Connection', () => {
  let isThere = false;
  let probes = 0;
  let told: string[] = [];
  let connection: Connection;

  beforeEach(() => {
    vi.useFakeTimers();
    isThere = false;
    probes = 0;
    told = [];
    connection = new Connection(async () => {
      probes++;
      return isThere;
    });
    connection.subscribe(() => told.push(connection.lostAtMs() === null ? 'there' : 'lost'));
    connection.onRecovered(() => told.push('catch up'));
  });
  afterEach(() => void vi.useRealTimers());

  it('says once that it is lost, asks until it is back, and then has everybody catch up', async () => {
    connection.failed();
    connection.failed();
    expect({ told, lostAtMs: connection.lostAtMs() }).toEqual({ told: ['lost'], lostAtMs: Date.now() });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(probes).toBe(2);
    isThere = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['lost', 'there', 'catch up']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(probes).toBe(3);
  });

  it('takes any answer as a sign that it is back', async () => {
    connection.failed();
    connection.answered();
    await vi.advanceTimersByTimeAsync(10_000);
    expect({ told, probes }).toEqual({ told: ['lost', 'there', 'catch up'], probes: 0 });
  });

  it('finds out on demand', async () => {
    await connection.ask();
    expect(told).toEqual(['lost']);
    isThere = true;
    await connection.ask();
    expect(told).toEqual(['lost', 'there', 'catch up']);
  });

  it('forgets who does not listen any more', async () => {
    const end = connection.onRecovered(() => told.push('never'));
    end();
    connection.failed();
    connection.answered();
    expect(told).not.toContain('never');
  });
});

describe('isFromProxy()', () => {
  it('tells a gateway’s own answers from those of a control plane', () => {
    expect([502, 503, 504, 500, 200].map(isFromProxy)).toEqual([true, false, true, false, false]);
  });
});
