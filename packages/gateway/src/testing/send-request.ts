import http from 'node:http';
import https from 'node:https';
import type { ConnectionOptions } from 'node:tls';

/** A request as a test words it. */
export interface Question {
  readonly method?: string;
  /** A list repeats the field. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent by length, a list of pieces chunked. */
  readonly body?: string | Buffer | readonly string[];
  /** Keeps connections; without one each request has a connection of its own. */
  readonly agent?: http.Agent;
  /** Asks over TLS, verifying nothing unless told to. */
  readonly tls?: ConnectionOptions;
}

/** All there is to see of an answer. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; lines of one name joined with a comma, but for Set-Cookie. */
  readonly headers: Readonly<http.IncomingHttpHeaders>;
  readonly body: string;
  readonly trailers: Readonly<NodeJS.Dict<string>>;
}

/** Sends a request to a port of this machine with Node's own client. */
export function sendRequest(port: number, path: string, question: Question): Promise<Answer> {
  const { method = 'GET', headers = {}, body, agent, tls } = question;
  const options = { host: '127.0.0.1', port, path, method, headers, agent: agent ?? false };
  return new Promise((resolve, reject) => {
    const request =
      tls === undefined
        ? http.request(options)
        : https.request({ ...options, rejectUnauthorized: false, ...tls });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? '',
          headers: response.headers,
          body: text,
          trailers: response.trailers,
        }),
      );
    });
    if (typeof body === 'string' || Buffer.isBuffer(body)) request.end(body);
    else {
      for (const piece of body ?? []) request.write(piece);
      request.end();
    }
  });
}
