import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { reasonOf } from '../../pipeline/reason-phrase.ts';

/** Answers by itself: for maintenance, or to close a route. */
export const requestTermination: PluginDefinition = {
  name: 'request-termination',
  schema: {
    status_code: { type: 'integer', min: 100, max: 599, default: 503 },
    message: { type: 'string' },
    content_type: { type: 'string' },
    body: { type: 'string' },
    trigger: { type: 'string' },
    echo: { type: 'boolean', default: false },
  },
  check: (config) => {
    if (config['message'] !== null && config['body'] !== null) return [{ path: ['message'], message: 'message and body exclude each other' }];
    return config['content_type'] !== null && config['body'] === null ? [{ path: ['content_type'], message: 'content_type needs a body' }] : [];
  },
  create(config) {
    const status = config['status_code'] as number;
    const trigger = (config['trigger'] as string | null)?.toLowerCase() ?? null;
    const body = config['body'] as string | null;
    const message = (config['message'] as string | null) ?? reasonOf(status);
    const contentType = (config['content_type'] as string | null) ?? 'application/json; charset=utf-8';
    const echo = config['echo'] === true;
    return {
      access(exchange) {
        const { request } = exchange;
        if (trigger !== null && !request.headers.has(trigger) && !new URLSearchParams(request.query).has(trigger)) return;
        if (echo) {
          const { method, scheme, host, path, query } = request;
          exchange.exit(status, { message, request: { method, scheme, host, path, query }, matched_route: { id: exchange.route?.id, name: exchange.route?.name } });
        } else if (body !== null) exchange.exit(status, body, { 'Content-Type': contentType });
        else exchange.exit(status, { message, request_id: exchange.requestId });
      },
    };
  },
};
