import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { TelemetrySender, type TelemetryTarget } from './telemetry-sender.ts';

const BODY = Buffer.from('telemetry');

async function place(status: number): Promise<{ target: TelemetryTarget; received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const coding = request.headers['content-encoding'];
      received.push(
        `${request.url} ${request.headers.authorization} ${body}${coding === undefined ? '' : ` ${coding}`}`,
      );
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    target: { url, token: 't', serverName: 'a.test', takesStencils: false, cert: '', key: '', ca: '' },
    received,
  };
}

function sender(keepTryingMs?: number): TelemetrySender {
  const one = new TelemetrySender('/v1/logs', keepTryingMs);
  onTestFinished(() => one.close());
  return one;
}

describe('TelemetrySender', () => {
  it('says what became of a body', async () => {
    for (const [status, outcome] of [
      [200, { kind: 'taken' }],
      [400, { kind: 'refused', status: 400 }],
      [503, { kind: 'lost' }],
      [429, { kind: 'lost' }],
    ] as const) {
      const { target, received } = await place(status);
      const one = sender(0);
      one.setTarget(target);
      expect(await one.send(BODY)).toEqual(outcome);
      expect(received).toEqual(['/v1/logs Bearer t telemetry']);
    }
  });

  it('sends coded to who takes the coding, and decoded to others', async () => {
    const body = { coded: () => Buffer.from('short'), decoded: () => Buffer.from('long') };
    for (const [takesStencils, sent] of [
      [true, '/v1/logs Bearer t short gatescope-stencil'],
      [false, '/v1/logs Bearer t long'],
    ] as const) {
      const { target, received } = await place(200);
      const one = sender(0);
      one.setTarget({ ...target, takesStencils });
      expect(await one.send(body)).toEqual({ kind: 'taken' });
      expect(received).toEqual([sent]);
    }
  });

  it('tells why the first try failed', async () => {
    const { target } = await place(200);
    const one = sender(0);
    one.setTarget({ ...target, url: 'http://127.0.0.1:1' });
    const troubles: unknown[] = [];
    expect(await one.send(BODY, (error) => troubles.push(error))).toEqual({ kind: 'lost' });
    expect(troubles).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });

  it('tries at a new target what it could not send to the one before', async () => {
    const [away, there] = [await place(503), await place(200)];
    const one = sender();
    expect(one.hasTarget).toBe(false);
    one.setTarget(away.target);
    const outcome = one.send(BODY);
    await until('a first try', () => away.received.length > 0);
    one.setTarget(there.target);
    expect(await outcome).toEqual({ kind: 'taken' });
    expect(there.received).toEqual(['/v1/logs Bearer t telemetry']);
  });
});
