import type { PluginDefinition } from '../../pipeline/plugin.ts';
import {
  checkHeaderPairs,
  checkTemplates,
  compileHeaderChanges,
  pairs,
  section,
} from '../transform-fields.ts';

type Section = {
  readonly headers: string[];
  readonly querystring: string[];
  readonly body: string[];
  readonly uri: string | null;
};
const SECTIONS = ['remove', 'rename', 'replace', 'add', 'append'] as const;

/** Changes the request before it goes to the upstream: headers, query, method and path. */
export const requestTransformer: PluginDefinition = {
  name: 'request-transformer',
  schema: {
    http_method: {
      type: 'string',
      check: (text) => (/^[A-Z]+$/.test(text) ? null : 'a method is written in capitals'),
    },
    remove: section('headers', 'querystring', 'body'),
    rename: section('headers', 'querystring', 'body'),
    replace: {
      type: 'record',
      fields: {
        headers: { type: 'list', of: { type: 'string' }, default: [] },
        querystring: { type: 'list', of: { type: 'string' }, default: [] },
        body: { type: 'list', of: { type: 'string' }, default: [] },
        uri: {
          type: 'string',
          check: (text) =>
            /^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/.test(text)
              ? null
              : 'a path begins with /, is escaped, and has no query',
        },
      },
    },
    add: section('headers', 'querystring', 'body'),
    append: section('headers', 'querystring', 'body'),
  },
  check: (config) => [
    ...checkHeaderPairs(config, ['add', 'append', 'replace', 'rename']),
    ...checkTemplates(config, SECTIONS),
    ...SECTIONS.filter((name) => (config[name] as Section).body.length > 0).map((name) => ({
      path: [name, 'body'],
      message: 'bodies are streamed and not transformed here',
    })),
  ],
  create(config) {
    const of = (name: (typeof SECTIONS)[number]) => config[name] as Section;
    const headers = compileHeaderChanges({
      remove: of('remove').headers,
      rename: of('rename').headers,
      replace: of('replace').headers,
      add: of('add').headers,
      append: of('append').headers,
    });
    const query = {
      remove: of('remove').querystring,
      rename: pairs(of('rename').querystring),
      replace: pairs(of('replace').querystring),
      add: pairs(of('add').querystring),
      append: pairs(of('append').querystring),
    };
    const touchesQuery = Object.values(query).some((list) => list.length > 0);
    const method = config['http_method'] as string | null;
    const { uri } = of('replace');
    return {
      access(exchange) {
        const { upstreamRequest } = exchange;
        headers?.(exchange.request.headers);
        const host = exchange.request.headers.get('host');
        if (host !== undefined && host !== exchange.request.host) upstreamRequest.host = host;
        if (method !== null) upstreamRequest.method = method;
        if (uri !== null) upstreamRequest.path = uri;
        if (!touchesQuery) return;
        const parameters = new URLSearchParams(upstreamRequest.query);
        for (const name of query.remove) parameters.delete(name);
        for (const { name, value } of query.rename) {
          const values = parameters.getAll(name);
          if (values.length === 0) continue;
          parameters.delete(name);
          parameters.delete(value);
          for (const one of values) parameters.append(value, one);
        }
        for (const { name, value } of query.replace) if (parameters.has(name)) parameters.set(name, value);
        for (const { name, value } of query.add) if (!parameters.has(name)) parameters.append(name, value);
        for (const { name, value } of query.append) parameters.append(name, value);
        upstreamRequest.query = parameters.toString();
      },
    };
  },
};
