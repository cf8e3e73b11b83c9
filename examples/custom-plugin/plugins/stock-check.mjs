/**
 * A plugin of one's own: before an item is ordered it asks an HTTP service whether any is left. It lets the request pass and tells the upstream
 * how many there are, or ends it with 409. Traces show the call below the plugin's span, and the span that this code makes itself between the two.
 */

import { SpanStatusCode, trace } from '@opentelemetry/api';

/** Its spans join the gateway's tree while a request is recorded; otherwise they cost next to nothing. */
const tracer = trace.getTracer('stock-check');

/** @type {import('../../../packages/gateway/src/pipeline/plugin.ts').PluginDefinition} */
export default {
  // The file has the same name; it is what `name:` says in kong.yml and what KONG_PLUGINS names.
  name: 'stock-check',

  // The higher runs first. key-auth has 1250, rate-limiting 910: who is refused there costs the service nothing.
  priority: 800,

  // What `config:` may hold. The gateway and the control plane check it, fill in defaults, and say what is wrong where.
  schema: {
    url: { type: 'string', required: true },
    timeout: { type: 'integer', min: 1, max: 60_000, default: 5_000 },
    // Whether an item is served when the service can't tell.
    fault_tolerant: { type: 'boolean', default: true },
  },

  // Called once for each place that the plugin is configured at. What is made here lives until the configuration is replaced.
  create(config, { log }) {
    const origin = config.url.replace(/\/$/, '');
    log('info', `asks ${new URL(origin).host}`);

    /** How many are left; rejects where the service does not say so in time. */
    const askStock = (item) =>
      tracer.startActiveSpan('stock-check ask', async (span) => {
        try {
          span.setAttribute('stock.item', item);
          // The gateway sees the call by itself: no instrumentation is needed.
          const answer = await fetch(`${origin}/stock/${encodeURIComponent(item)}`, {
            signal: AbortSignal.timeout(config.timeout),
          });
          if (!answer.ok) throw new Error(`the stock service answered with ${answer.status}`);
          const { available } = await answer.json();
          if (!Number.isSafeInteger(available)) throw new Error('the stock service did not say how many');
          span.setAttribute('stock.available', available);
          return available;
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
          throw error;
        } finally {
          span.end();
        }
      });

    return {
      // One method a phase; a phase that is left out costs nothing. The request waits for what `access` answers.
      async access(exchange) {
        const item = /^\/items\/([\w-]+)/.exec(exchange.request.path)?.[1];
        if (item === undefined) return;
        let available;
        try {
          available = await askStock(item);
        } catch (error) {
          exchange.log(
            config.fault_tolerant ? 'warn' : 'error',
            `not known how many are left: ${error.message}`,
          );
          if (!config.fault_tolerant) exchange.fail(503, 'not known how many are left');
          return;
        }
        // Lines of level debug are made only where somebody reads them: a session that captures logs, or KONG_LOG_LEVEL=debug.
        exchange.debug?.('the stock service told how many are left', { item, available });
        if (available === 0) {
          exchange.fail(409, `item ${item} is sold out`);
          return;
        }
        exchange.request.headers.set('X-Stock', String(available));
        exchange.shared.set('stock-check', available);
      },

      // The head of the response is about to leave; nothing can be waited for here.
      headerFilter(exchange) {
        const available = exchange.shared.get('stock-check');
        if (available !== undefined) exchange.response.headers.set('X-Stock', String(available));
      },
    };
  },
};
