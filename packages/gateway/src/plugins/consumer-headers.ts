import type { Consumer, Exchange } from '../pipeline/exchange.ts';

/** Tells the upstream who the consumer is, in place of whatever the client said of that. */
export function setConsumerHeaders(exchange: Exchange, consumer: Consumer): void {
  const { headers } = exchange.request;
  headers.set('X-Consumer-ID', consumer.id);
  if (consumer.custom_id === null) headers.remove('x-consumer-custom-id');
  else headers.set('X-Consumer-Custom-ID', consumer.custom_id);
  if (consumer.username === null) headers.remove('x-consumer-username');
  else headers.set('X-Consumer-Username', consumer.username);
}

/** Lets a request that nobody is authenticated by pass as the consumer that stands for such callers. */
export function serveAnonymously(exchange: Exchange, consumer: Consumer): void {
  exchange.consumer = consumer;
  setConsumerHeaders(exchange, consumer);
  exchange.request.headers.remove('x-credential-identifier');
  exchange.request.headers.set('X-Anonymous-Consumer', 'true');
}
