/**
 * The demo's upstream: fast, slow, failing and streaming answers on 127.0.0.1:9080. It ends when whoever started it is gone.
 *
 * GET /catalog          a short JSON list
 * ANY /orders           what was sent, back
 * ANY /status/503       that status
 * GET /slow?ms=400      an answer after so long (at most 30 s)
 * GET /stream?n=10      lines, 50 ms apart
 */
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const PORT = 9080;
const BODY_MAX = 1_048_576;

const items = Array.from({ length: 40 }, (_, index) => ({
  id: index + 1,
  name: `item ${index + 1}`,
  price: (((index * 37) % 90) * 100 + 999) / 100,
}));

function json(response, status, value) {
  const text = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_MAX) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://demo');
  const [, first = '', second = ''] = url.pathname.split('/');
  if (first === 'status') {
    const status = Number(second);
    return status >= 200 && status <= 599
      ? json(response, status, { status })
      : json(response, 400, { error: 'write /status/503' });
  }
  if (first === 'slow') {
    await wait(Math.min(30_000, Number(url.searchParams.get('ms')) || 400));
    return json(response, 200, { slow: true });
  }
  if (first === 'stream') {
    response.writeHead(200, { 'content-type': 'text/plain' });
    for (
      let line = 1;
      line <= Math.min(1_000, Number(url.searchParams.get('n')) || 10) && !response.destroyed;
      line++
    ) {
      response.write(`line ${line}\n`);
      await wait(50);
    }
    return response.end();
  }
  if (first === 'orders')
    return json(response, request.method === 'POST' ? 201 : 200, {
      method: request.method,
      body: await bodyOf(request),
    });
  return json(response, 200, { items });
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 65_000;
server.on('error', (error) => {
  const message =
    error.code === 'EADDRINUSE'
      ? `the demo upstream can't listen: 127.0.0.1:${PORT} is taken`
      : error.message;
  if (process.connected) process.send({ type: 'failed', message });
  else process.stderr.write(`${message}\n`);
  setTimeout(() => process.exit(1), 100);
});
server.listen(PORT, '127.0.0.1', () => {
  if (process.connected) process.send({ type: 'listening' });
});

const end = () => process.exit(0);
process.on('SIGTERM', end);
process.on('SIGINT', end);
if (process.connected) process.on('disconnect', end);
