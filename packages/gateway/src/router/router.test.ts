import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Route } from '../config/entities.ts';
import { compileRouter, type RouteRequest } from './router.ts';

interface Vector {
  method: string;
  path: string;
  raw?: string;
  host: string;
  scheme: 'http' | 'https';
  sni?: string;
  headers?: Record<string, string | string[]>;
  order_sensitive?: boolean;
  expect: {
    route_id: string | null;
    service_id?: string;
    upstream_uri?: string;
    prefix?: string;
    matched_path?: string;
    captures?: Record<string, string>;
  };
}

interface Table {
  name: string;
  routes: (Partial<Route> & { id: string; service?: { id: string; path?: string } })[];
  requests: Vector[];
}

const tables = JSON.parse(
  readFileSync(new URL('./testdata/router-vectors.json', import.meta.url), 'utf8'),
) as Table[];

/** A route with Kong's defaults for what is left out. */
function route(fields: Partial<Route> & { id: string }): Route {
  return {
    name: null,
    protocols: ['http', 'https'],
    methods: [],
    hosts: [],
    paths: [],
    headers: {},
    snis: [],
    strip_path: true,
    preserve_host: false,
    path_handling: 'v0',
    regex_priority: 0,
    https_redirect_status_code: 426,
    request_buffering: null,
    response_buffering: true,
    created_at: 0,
    service: null,
    tags: [],
    ...fields,
  };
}

function requestOf(vector: Vector): RouteRequest {
  const headers = new Map(
    Object.entries(vector.headers ?? {}).map(([name, value]) => [name.toLowerCase(), [value].flat()]),
  );
  return {
    method: vector.method,
    host: vector.host,
    target: vector.raw ?? vector.path,
    scheme: vector.scheme,
    sni: vector.sni ?? null,
    headers: (name) => headers.get(name) ?? [],
  };
}

describe('Router', () => {
  it.each(tables.map((table) => [table.name, table] as const))(
    'finds what Kong finds in table %s',
    (_, table) => {
      const router = compileRouter(
        table.routes.map((fields) => route(fields as Partial<Route> & { id: string })),
      );
      for (const vector of table.requests) {
        if (vector.order_sensitive === true) continue;
        const { match } = router.match(requestOf(vector));
        const found = {
          route_id: match?.route.id ?? null,
          ...(match === null ? {} : { service_id: match.service?.id, upstream_uri: match.upstreamUri }),
        };
        const expected = {
          route_id: vector.expect.route_id,
          ...(vector.expect.route_id === null
            ? {}
            : {
                service_id: vector.expect.service_id,
                upstream_uri: Buffer.from(vector.expect.upstream_uri!, 'utf8').toString('latin1'),
              }),
        };
        expect(found, JSON.stringify(vector)).toEqual(expected);
      }
    },
  );
});
