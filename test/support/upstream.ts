import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A plain HTTP server that answers as a test wants. */
export interface Upstream {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an upstream on a free port of the loopback. */
export async function startUpstream(listener: RequestListener): Promise<Upstream> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with the status that the path names (`/status/503`), otherwise 200, and a short text. */
export const answerWithStatus: RequestListener = (request, response) => {
  const status = Number(/^\/status\/(\d{3})$/.exec(request.url ?? '')?.[1] ?? 200);
  request.resume();
  request.on('end', () => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(`status ${status}\n`);
  });
};
