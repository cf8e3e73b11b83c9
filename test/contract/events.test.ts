import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Session } from '@gatescope/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ADMIN_TOKEN, SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { EventStream } from './support/event-stream.ts';
import type { TestNode } from './support/node.ts';
import { aTrace, exportRequest } from './support/otlp.ts';

let controlPlane: TestControlPlane;
let node: TestNode;
const streams: EventStream[] = [];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  node = await controlPlane.node();
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await controlPlane.deleteSessions();
});
afterAll(() => controlPlane.close());

async function listen(session: string, last?: number | string): Promise<EventStream> {
  const stream = await EventStream.open(controlPlane, session, last);
  streams.push(stream);
  return stream;
}

async function send(session: string, count: number): Promise<string[]> {
  const traces = Array.from({ length: count }, () => aTrace([session]));
  await node.send(exportRequest(...traces));
  return traces.map(({ spans }) => spans[0]!.span_id);
}

const stop = async (id: string) => await controlPlane.call(`${SESSIONS}/${id}/stop`, { method: 'POST' });
const traceIds = (stream: EventStream) => stream.of('trace').map(({ data }) => (data as { id: string }).id);
const risesStrictly = (ids: readonly number[]) =>
  ids.every((id, index) => index === 0 || id > ids[index - 1]!);

describe('the events of a session', () => {
  it('begin with the session as it is, without an id', async () => {
    const session = await controlPlane.session();
    await send(session.id, 3);
    const stream = await listen(session.id);
    await until('the first event', () => stream.events.length > 0);
    expect([stream.status, stream.headers.get('content-type'), stream.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
    ]);
    expect(stream.events[0]).toEqual({
      id: null,
      event: 'session',
      data: await controlPlane.sessionOf(session.id),
    });
  });

  it('are the JSON of the resource they name, with ids that strictly rise, to the end, which closes the stream', async () => {
    const { id } = await controlPlane.session();
    const stream = await listen(id);
    const sent = [...(await send(id, 2)), ...(await send(id, 3))];
    await node.report(id, { seen: 9, matched: 5 });
    const late = await controlPlane.node();
    await until('the late node', () => stream.of('node').length > 0);
    await stop(id);
    expect(await stream.end()).toBe('closed');
    expect(risesStrictly(stream.ids)).toBe(true);
    expect(stream.ids).toHaveLength(stream.events.length - 1);
    const traces = await controlPlane.tracesOf(id);
    expect(traceIds(stream)).toEqual(sent);
    for (const { data } of stream.of('trace')) expect(traces).toContainEqual(data);
    expect(stream.of('node').map(({ data }) => [data.id, data.connected])).toEqual([[late.id, true]]);
    expect(stream.of('end').map(({ data }) => data as Session)).toEqual([await controlPlane.sessionOf(id)]);
    expect(stream.events.at(-1)!.event).toBe('end');
    const states = stream.of('session').map(({ data }) => (data as Session).state);
    expect([states[0], states.at(-1)]).toEqual(['active', 'draining']);
    late.close();
  });

  it('reach all who listen', async () => {
    const { id } = await controlPlane.session();
    const all = await Promise.all([listen(id), listen(id), listen(id)]);
    const sent = await send(id, 5);
    for (const stream of all) await until('the traces', () => stream.of('trace').length === 5);
    expect(all.map(traceIds)).toEqual([sent, sent, sent]);
  });

  it('are those of the session alone', async () => {
    const [one, two] = [await controlPlane.session(), await controlPlane.session()];
    const stream = await listen(one.id);
    await send(two.id, 3);
    const sent = await send(one.id, 1);
    await until('the trace', () => stream.of('trace').length > 0);
    expect(traceIds(stream)).toEqual(sent);
  });

  it('tell of counts within a quarter of a second', async () => {
    const { id } = await controlPlane.session();
    const stream = await listen(id);
    await until('the snapshot', () => stream.events.length > 0);
    await node.report(id, { seen: 42 });
    await until(
      'the count',
      () => stream.of('session').some(({ data }) => (data as Session).counts.seen === 42),
      1_000,
    );
  });

  it('tell of a session that is deleted that it ended', async () => {
    const { id } = await controlPlane.session();
    const stream = await listen(id);
    await until('the snapshot', () => stream.events.length > 0);
    await controlPlane.call(`${SESSIONS}/${id}`, { method: 'DELETE' });
    expect(await stream.end()).toBe('closed');
    expect(stream.events.at(-1)).toMatchObject({
      event: 'end',
      data: { id, state: 'ended', end_reason: 'stopped' },
    });
  });

  it('end for those who come late with the snapshot and the end', async () => {
    const { id } = await controlPlane.session();
    await send(id, 2);
    await stop(id);
    await controlPlane.sessionIn('ended', id);
    const stream = await listen(id);
    expect(await stream.end()).toBe('closed');
    const data = await controlPlane.sessionOf(id);
    expect(stream.events).toEqual([
      { id: null, event: 'session', data },
      { id: expect.any(Number) as number, event: 'end', data },
    ]);
  });

  it('have the end as their last, whatever is still said of the session', async () => {
    const { id } = await controlPlane.session();
    await stop(id);
    await controlPlane.sessionIn('ended', id);
    await node.report(id, { seen: 7 }, true);
    await controlPlane.call(`${SESSIONS}/${id}`, { method: 'PATCH', body: { name: 'renamed' } });
    const stored = controlPlane.sql<{ kind: string }>(
      'select kind from events where session_id = ? order by seq',
      id,
    );
    expect(stored.at(-1)!.kind).toBe('end');
    const stream = await listen(id);
    await stream.end();
    expect(stream.events.map(({ event, data }) => [event, (data as Session).name])).toEqual([
      ['session', 'renamed'],
      ['end', 'renamed'],
    ]);
  });
});

describe('a stream that is taken up again', () => {
  it('loses nothing and tells nothing twice, wherever it was cut', async () => {
    const { id } = await controlPlane.session({ max_traces: 60 });
    const sent: string[] = [];
    const seen: string[] = [];
    const ids: number[] = [];
    for (let round = 0; round < 6; round++) {
      const stream = await listen(id, ids.at(-1) ?? 0);
      sent.push(...(await send(id, 5)));
      const wanted = round % 2 === 0 ? 5 : 2;
      await until('some of them', () => stream.of('trace').length >= wanted);
      stream.close();
      await until('the cut', () => stream.ended);
      // What was told while nobody listened.
      sent.push(...(await send(id, 5)));
      seen.push(...traceIds(stream));
      ids.push(...stream.ids);
    }
    const rest = await listen(id, ids.at(-1)!);
    expect(await rest.end()).toBe('closed');
    seen.push(...traceIds(rest));
    ids.push(...rest.ids);
    expect(seen).toEqual(sent);
    expect(risesStrictly(ids)).toBe(true);
    expect(rest.events.at(-1)!.event).toBe('end');
  });

  it('goes on after a restart of the control plane', async () => {
    const own = await TestControlPlane.start();
    const ownNode = await own.node();
    const { id } = await own.session();
    await ownNode.send(exportRequest(aTrace([id])));
    const before = await EventStream.open(own, id, 0);
    await until('the trace', () => before.of('trace').length === 1);
    before.close();
    await until('the cut', () => before.ended);
    const last = before.ids.at(-1)!;
    const next = await own.restart();
    try {
      const again = await EventStream.open(next, id, last);
      await ownNode.reconnect(next.identity);
      const trace = aTrace([id]);
      await ownNode.send(exportRequest(trace));
      await until('the second trace', () => again.of('trace').length === 1);
      expect(traceIds(again)).toEqual([trace.spans[0]!.span_id]);
      expect(again.ids[0]).toBeGreaterThan(last);
      again.close();
    } finally {
      ownNode.close();
      await next.close();
    }
  });

  it('after the end is told the end', async () => {
    const { id } = await controlPlane.session();
    const stream = await listen(id);
    await stop(id);
    await stream.end();
    const again = await listen(id, stream.ids.at(-1)!);
    expect(await again.end()).toBe('closed');
    expect(again.events.map(({ event }) => event)).toEqual(['session', 'end']);
  });

  it('from beyond the last event is told what comes from now on', async () => {
    const { id } = await controlPlane.session();
    const stream = await listen(id, 999_999);
    await until('the snapshot', () => stream.events.length > 0);
    const sent = await send(id, 2);
    await until('the traces', () => stream.of('trace').length === 2);
    expect(traceIds(stream)).toEqual(sent);
  });

  it.each(['', 'x', '-1', '1.5', '9'.repeat(30)])('from %j is one that begins', async (last) => {
    const { id } = await controlPlane.session();
    await send(id, 1);
    const stream = await listen(id, last);
    const sent = await send(id, 1);
    await until('the trace', () => stream.of('trace').length > 0);
    expect(traceIds(stream)).toEqual(sent);
  });

  it('gets a full session to the last trace, as long as it reads', async () => {
    const { id } = await controlPlane.session({ max_traces: 8_000 });
    const path = `/${'long-path/'.repeat(60)}`;
    for (let batch = 0; batch < 8; batch++) {
      const traces = Array.from({ length: 1_000 }, () =>
        aTrace([id], { attributes: { 'url.full': `http://shop.example.com${path}` } }),
      );
      expect((await node.send(exportRequest(...traces))).status).toBe(200);
    }
    await controlPlane.sessionIn('ended', id);
    const stream = await listen(id, 0);
    expect(await stream.end()).toBe('closed');
    expect(new Set(traceIds(stream)).size).toBe(8_000);
  });
});

describe('a listener that does not read', () => {
  it('is cut, and others go on', async () => {
    const { id } = await controlPlane.session({ max_traces: 10_000 });
    const reader = await listen(id);
    const response = await new Promise<IncomingMessage>((resolve) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      request(`${controlPlane.url}/api/v1${SESSIONS}/${id}/events`, { headers }, resolve).end();
    });
    response.pause();
    const listeners = async () =>
      /^gatescope_event_listeners (\d+)$/m.exec(await (await controlPlane.fetch('/metrics')).text())![1];
    expect(await listeners()).toBe('2');
    const long = `http://shop.example.com/${'x'.repeat(60_000)}`;
    let count = 0;
    await until('it to be cut', async () => {
      await node.send(
        exportRequest(
          ...Array.from({ length: 20 }, () => aTrace([id], { attributes: { 'url.full': long } })),
        ),
      );
      count += 20;
      return (await listeners()) === '1';
    });
    await until('the reader to have it all', () => reader.of('trace').length === count);
    const cut = new Promise((resolve) => response.on('close', resolve));
    response.on('error', () => undefined).resume();
    await cut;
    expect(response.complete).toBe(false);
  });
});
