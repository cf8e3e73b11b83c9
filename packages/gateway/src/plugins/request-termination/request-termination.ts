import type { Exchange } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';

/** What is said where the configuration says nothing; other statuses are answered without a body. */
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'An unexpected error occurred',
  502: 'Bad Gateway',
  503: 'Service unavailable',
};

/** Answers by itself: for maintenance, or to close a route. */
export const requestTermination: PluginDefinition = {
  name: 'request-termination',
  schema: {
    status_code: { type: 'integer', min: 200, max: 599, default: 503 },
    message: { type: 'string' },
    content_type: { type: 'string' },
    body: { type: 'string' },
    trigger: { type: 'string' },
    echo: { type: 'boolean', default: false },
  },
  check: (config) => {
    const given = (name: string) => config[name] !== null && config[name] !== '';
    if (given('message') && (given('body') || given('content_type')))
      return [{ path: ['message'], message: "message can't be set beside body or content_type" }];
    if (config['echo'] === true && (given('body') || given('content_type')))
      return [{ path: ['echo'], message: "echo can't be set beside body or content_type" }];
    return given('content_type') && !given('body')
      ? [{ path: ['content_type'], message: 'content_type needs a body' }]
      : [];
  },
  create(config) {
    const status = config['status_code'] as number;
    const trigger = config['trigger'] as string | null;
    const body = config['body'] as string | null;
    const message = (config['message'] as string | null) ?? MESSAGES[status];
    const contentType = (config['content_type'] as string | null) ?? 'application/json; charset=utf-8';
    const echo = config['echo'] === true;
    return {
      access(exchange) {
        const { request } = exchange;
        if (
          trigger !== null &&
          !request.headers.has(trigger.toLowerCase()) &&
          !new URLSearchParams(request.query).has(trigger)
        ) {
          exchange.debug?.(`goes on: neither a header nor a parameter is called ${trigger}`);
          return;
        }
        if (echo) {
          exchange.exit(status, {
            message,
            request: echoOf(exchange),
            matched_route: exchange.route,
            matched_service: exchange.service,
          });
        } else if (body !== null) exchange.exit(status, body, { 'Content-Type': contentType });
        else if (message === undefined) exchange.exit(status);
        else exchange.exit(status, { message, ...(status < 400 ? {} : { request_id: exchange.requestId }) });
      },
    };
  },
};

/** The request as the client sent it, without its body: that is not read. */
function echoOf({ request }: Exchange): object {
  const { method, scheme, path, headers, query } = request;
  return {
    scheme,
    host: request.host.replace(/:\d+$/, ''),
    headers: grouped(headers.lowerNames.map((name, index) => [name, headers.values[index]!])),
    query: grouped([...new URLSearchParams(query)]),
    method,
    path,
  };
}

/** Values by name; a name that comes more than once has a list. */
function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    const known = found.get(name);
    found.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(found);
}
