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
