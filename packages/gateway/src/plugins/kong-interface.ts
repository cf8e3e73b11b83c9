import type { LogLevel } from '@gatescope/base';
import { isFieldName, isFieldValue } from '@gatescope/http1';
import { boundedAttributes } from '../logging/bounded-attributes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { reasonOf } from '../pipeline/reason-phrase.ts';

/**
 * What code in `pre-function` and `post-function` finds as `kong`: Kong's plugin development kit by its names, over the exchange. Names of
 * headers are case-insensitive; values that can't stand in a header are refused with an error.
 */
export function kongInterface(exchange: Exchange) {
  const { request, upstreamRequest } = exchange;
  // Lines bear this plugin's name, even those written when it has long gone on.
  const own = exchange.ownLog();
  const at =
    (level: LogLevel) =>
    (...parts: unknown[]) =>
      own.log(level, messageOfParts(parts));
  const log = at('notice');
  return {
    request: {
      get_method: () => request.method,
      get_scheme: () => request.scheme,
      get_host: () => request.host.replace(/:\d+$/, ''),
      get_path: () => request.path,
      get_raw_query: () => request.query,
      get_query_arg: (name: string) => new URLSearchParams(request.query).get(name),
      get_query: () => Object.fromEntries(new URLSearchParams(request.query)),
      get_header: (name: string) => request.headers.get(name.toLowerCase()) ?? null,
      get_headers: () =>
        Object.fromEntries(
          request.headers.lowerNames.map((name, index) => [name, request.headers.values[index]]),
        ),
      get_id: () => exchange.requestId,
    },
    client: {
      get_ip: () => request.clientAddress,
      get_port: () => request.clientPort,
      get_consumer: () => exchange.consumer,
      get_credential: () => (exchange.credential === null ? null : { id: exchange.credential.id }),
    },
    router: { get_route: () => exchange.route, get_service: () => exchange.service },
    service: {
      request: {
        set_method: (method: string) => {
          if (!isFieldName(method)) throw new Error(`${method} is no method`);
          upstreamRequest.method = method.toUpperCase();
        },
        set_path: (path: string) => {
          if (!/^\/[\x21-\x7e]*$/.test(path)) throw new Error('a path begins with / and is escaped');
          upstreamRequest.path = path;
        },
        set_raw_query: (query: string) => {
          if (!/^[\x21-\x7e]*$/.test(query)) throw new Error('a query is escaped');
          upstreamRequest.query = query;
        },
        set_header: (name: string, value: string) =>
          request.headers.set(checkedName(name), checkedValue(value)),
        add_header: (name: string, value: string) =>
          request.headers.append(checkedName(name), checkedValue(value)),
        clear_header: (name: string) => request.headers.remove(name.toLowerCase()),
      },
    },
    response: {
      exit: (status: number, body?: string | Buffer | object, headers?: Record<string, string>) => {
        exchange.exit(checkedStatus(status), body, checkedHeaders(headers));
      },
      error: (status: number, message?: string, headers?: Record<string, string>) => {
        exchange.fail(checkedStatus(status), message ?? reasonOf(status), checkedHeaders(headers));
      },
      get_status: () => exchange.response?.status ?? null,
      set_status: (status: number) => {
        if (exchange.response !== null) exchange.response.status = checkedStatus(status);
      },
      get_header: (name: string) => exchange.response?.headers.get(name.toLowerCase()) ?? null,
      set_header: (name: string, value: string) =>
        exchange.response?.headers.set(checkedName(name), checkedValue(value)),
      add_header: (name: string, value: string) =>
        exchange.response?.headers.append(checkedName(name), checkedValue(value)),
      clear_header: (name: string) => exchange.response?.headers.remove(name.toLowerCase()),
    },
    ctx: { shared: exchange.shared },
    log: Object.assign(log, {
      debug: (...parts: unknown[]) => own.debug?.(messageOfParts(parts)),
      info: at('info'),
      notice: log,
      warn: at('warn'),
      err: at('error'),
      crit: at('crit'),
      alert: at('alert'),
      emerg: at('emerg'),
    }),
  };
}

/** What code gives to `kong.log`, as one text: values as JSON, within bounds, whatever they are. */
function messageOfParts(parts: readonly unknown[]): string {
  return parts
    .map((part) =>
      typeof part === 'object' && part !== null
        ? JSON.stringify(boundedAttributes({ part })['part'])
        : String(part),
    )
    .join('');
}

/** A status that ends an exchange: interim ones (1xx) do not. */
function checkedStatus(status: unknown): number {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new Error(`${String(status)} is no status of an answer`);
  }
  return status;
}

function checkedHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [checkedName(name), checkedValue(value)]),
  );
}

function checkedName(name: string): string {
  if (!isFieldName(name)) throw new Error(`${JSON.stringify(name)} is no header name`);
  return name;
}

function checkedValue(value: unknown): string {
  const text = Buffer.from(String(value), 'utf8').toString('latin1');
  if (!isFieldValue(text)) throw new Error('a header value has no line breaks or control characters');
  return text;
}
