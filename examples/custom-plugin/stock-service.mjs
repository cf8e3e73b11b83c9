/**
 * The other half of the example: a shop on /items/…, and the stock service that the plugin asks on /stock/…. Listens on $PORT (9090) and says so.
 */

import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const stock = new Map([
  ['lamp', 7],
  ['chair', 0],
]);

const server = createServer(async (request, response) => {
  const [, kind, item = ''] = new URL(request.url, 'http://shop').pathname.split('/');
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (kind === 'stock' && !stock.has(item)) answer(404, { message: 'no such item' });
  else if (kind === 'stock') {
    // Somebody has to look on the shelf.
    await wait(20);
    answer(200, { available: stock.get(item) });
  } else answer(200, { item, stock: request.headers['x-stock'] ?? 'unknown' });
});
// Connections that rest are kept for the next question.
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT ?? 9090), '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
