import type { DesiredSession, SentPayload } from '@gatescope/protocol';
import { describe, expect, it } from 'vitest';
import { CODINGS, MASKING_TABLE } from '../../../../test/support/masking-table.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

const CAPTURE: DesiredSession['capture'] = {
  logs: 'info',
  headers: true,
  bodies: true,
  body_bytes_max: 65_536,
  redact: [],
};

describe('a traced request', () => {
  it.each(MASKING_TABLE)(
    'with %s tells what may be seen of it, in both bodies and codings of all kinds, in query, headers and log lines',
    async (text, shown) => {
      let encoded: Buffer = Buffer.alloc(0);
      let coding = '';
      const upstream = await EchoUpstream.start((_, response) => {
        response.writeHead(200, { 'content-encoding': coding, 'content-type': 'text/plain' });
        response.end(encoded);
      });
      const gateway = await TestGateway.start(
        routeWith(upstream.url, {
          name: 'pre-function',
          config: { access: ['kong.log.notice("seen " + kong.request.get_raw_query())'] },
        }),
      );
      const collector = await traced(gateway, { capture: CAPTURE });
      for (const [name, encode] of CODINGS) {
        [coding, encoded] = [name, encode(Buffer.from(text))];
        const client = await gateway.connect();
        const head = `POST /?v=${encodeURI(text)} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Type: text/plain\r\nX-Note: ${text}\r\n`;
        const framing = `Content-Encoding: ${coding}\r\nContent-Length: ${encoded.length}\r\n\r\n`;
        client.send(Buffer.concat([Buffer.from(head + framing), encoded]));
        await client.ended();
      }
      for (const { payload, lines } of await collector.until(CODINGS.length)) {
        const { client_request, upstream_request, upstream_response, client_response, query } =
          payload as SentPayload;
        for (const message of [client_request, upstream_request, upstream_response, client_response])
          expect(message?.body).toMatchObject({ text: shown });
        expect(client_request!.headers).toContainEqual(['X-Note', shown]);
        const told = JSON.stringify([query, lines]);
        // Ids and times are random: one run of four digits is no card.
        if (shown !== text) expect(told).not.toMatch(/(4242|5555|1111)\D{0,3}(4242|5555|4444|1111)/);
        else expect(told).toContain(text);
        expect(lines.filter(({ message }) => message.startsWith('seen '))).toHaveLength(1);
      }
    },
  );
});
